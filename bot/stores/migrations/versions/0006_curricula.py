"""Courses: enrolments, signatures of mentors, certificates, reminders sent, and the posts people were seen in."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "enrolments",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("person", sa.String(40), nullable=False),
        sa.Column("curriculum", sa.String(64), nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("began", sa.Date, nullable=False),
        sa.Column("began_at", _AT, nullable=False),
        sa.Column("renewal", sa.Boolean, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.UniqueConstraint("person", "curriculum", "round", name="uq_enrolment_round"),
    )
    op.create_table(
        "task_signatures",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("enrolment", sa.Integer, nullable=False),
        sa.Column("person", sa.String(40), nullable=False, index=True),
        sa.Column("ref", sa.String(200), nullable=False),
        sa.Column("mentor", sa.String(40), nullable=False, index=True),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("asked_at", _AT, nullable=False),
        sa.Column("answered_at", _AT),
        sa.Column("open", sa.String(60)),
        sa.Column("task", sa.String(200)),
        sa.UniqueConstraint("open", name="uq_signature_open"),
        sa.UniqueConstraint("enrolment", "task", name="uq_signature_task"),
    )
    op.create_table(
        "certificates",
        sa.Column("number", sa.String(24), primary_key=True),
        sa.Column("person", sa.String(40), nullable=False, index=True),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("curriculum", sa.String(64), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("issued", sa.Date, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("enrolment", sa.Integer, nullable=False, unique=True),
        sa.Column("revoked", sa.Date),
        sa.Column("revoked_why", sa.Text, nullable=False),
    )
    op.create_table(
        "reminded",
        sa.Column("key", sa.String(160), primary_key=True),
        sa.Column("at", _AT, nullable=False),
    )
    op.create_table(
        "posts_seen",
        sa.Column("person", sa.String(40), primary_key=True),
        sa.Column("post", sa.String(40), nullable=False),
        sa.Column("before", sa.String(40), nullable=False),
        sa.Column("since", sa.Date, nullable=False),
    )
