"""Drills under way and done."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "drill_rooms",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("code", sa.String(12), nullable=False, unique=True),
        sa.Column("drill", sa.String(64), nullable=False),
        sa.Column("host", sa.String(80), nullable=False),
        sa.Column("team", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("record", sa.JSON, nullable=False),
        sa.Column("plan", sa.JSON, nullable=False),
        sa.Column("score", sa.Integer),
        sa.Column("started_at", _AT, nullable=False),
        sa.Column("ended_at", _AT),
    )
    op.create_index("ix_drill_room_drill", "drill_rooms", ["drill", "ended_at"])
