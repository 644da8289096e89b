"""Each person's risk by topic, the lesson planned for a day, and what teams knew over time."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "risks",
        sa.Column("person", sa.String(80), primary_key=True),
        sa.Column("risk", sa.JSON, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "risk_events",
        sa.Column("key", sa.String(160), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
    )
    op.create_table(
        "lesson_plans",
        sa.Column("person", sa.String(80), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("lesson", sa.String(80), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("words", sa.String(80), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_table(
        "team_snapshots",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("team", sa.String(40), primary_key=True),
        sa.Column("topic", sa.String(24), primary_key=True),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("seen", sa.Integer, nullable=False),
        sa.Column("knowledge", sa.Float, nullable=False),
        sa.Column("awareness", sa.Float, nullable=False),
    )
