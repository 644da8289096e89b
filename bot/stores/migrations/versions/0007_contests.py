"""Contests and their logs, to which lines are added and never changed."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_AT = sa.DateTime(timezone=True)
_REFUSED = "竞赛记录只增不改：要改判，加一条更正。"


def upgrade() -> None:
    op.create_table(
        "contests",
        sa.Column("id", sa.String(80), primary_key=True),
        sa.Column("code", sa.String(8), unique=True),
        sa.Column("script", sa.String(64), nullable=False),
        sa.Column("title", sa.String(40), nullable=False),
        sa.Column("host", sa.String(80), nullable=False, index=True),
        sa.Column("conversation", sa.String(80), nullable=False),
        sa.Column("plan", sa.JSON, nullable=False),
        sa.Column("created_at", _AT, nullable=False),
        sa.Column("ended_at", _AT, index=True),
        sa.Column("noted", sa.Boolean, nullable=False),
    )
    op.create_table(
        "contest_entries",
        sa.Column("contest", sa.String(80), sa.ForeignKey("contests.id"), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
        sa.Column("claim", sa.String(120)),
        sa.UniqueConstraint("contest", "claim", name="uq_contest_claim"),
    )
    _guard()


def _guard() -> None:
    """Lines cannot be changed or deleted by anybody who comes in through the database either."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"""
            CREATE FUNCTION contest_entries_stay() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$""")
        op.execute("""
            CREATE TRIGGER contest_entries_stay BEFORE UPDATE OR DELETE ON contest_entries
            FOR EACH ROW EXECUTE FUNCTION contest_entries_stay()""")
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(f"""
            CREATE TRIGGER contest_entries_no_{verb.lower()} BEFORE {verb} ON contest_entries
            BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END""")
