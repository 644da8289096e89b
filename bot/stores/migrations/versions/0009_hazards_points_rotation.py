"""Hazards and what became of them, the ledger of points that nobody can change, and rotation through departments."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_AT = sa.DateTime(timezone=True)
_REFUSED = "积分台账只增不改：要更正，加一笔冲回。"
_MISFIT = """NEW.points = 0 OR (NEW.reverses IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM point_entries WHERE id = NEW.reverses AND person = NEW.person AND points = -NEW.points))"""
_MISMATCH = "冲回要和原来那笔同一个人、同样多、符号相反。"


def upgrade() -> None:
    _ledger()
    _guards()
    _hazards()
    _rotation()


def _ledger() -> None:
    op.create_table(
        "point_entries",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("key", sa.String(260), nullable=False, unique=True),
        sa.Column("person", sa.String(40), nullable=False),
        sa.Column("points", sa.Integer, nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("edition", sa.String(64), nullable=False),
        sa.Column("event", sa.String(160), nullable=False),
        sa.Column("ref", sa.String(160), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.Column("by", sa.String(40), nullable=False),
        sa.Column("reverses", sa.Integer, sa.ForeignKey("point_entries.id"), unique=True),
    )
    op.create_index("ix_point_person_day", "point_entries", ["person", "day"])
    op.create_index("ix_point_person_rule", "point_entries", ["person", "rule", "ref"])
    op.create_index("ix_point_event", "point_entries", ["event"])
    op.create_table(
        "point_totals",
        sa.Column("person", sa.String(40), primary_key=True),
        sa.Column("points", sa.BigInteger, nullable=False),
        sa.Column("entries", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "point_months",
        sa.Column("month", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("person", sa.String(40), primary_key=True),
        sa.Column("points", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,  # a ranking reads these in order, without looking each one up
    )
    op.create_index("ix_point_month_person", "point_months", ["person"])
    _decided_table(
        "bonus_proposals",
        sa.Column("key", sa.String(260), nullable=False, unique=True),
        sa.Column("person", sa.String(40), nullable=False, index=True),
        sa.Column("yuan", sa.Integer, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("edition", sa.String(64), nullable=False),
        sa.Column("event", sa.String(160), nullable=False),
    )
    _decided_table(
        "point_objections",
        sa.Column("entry", sa.Integer, sa.ForeignKey("point_entries.id"), unique=True),
        sa.Column("person", sa.String(40), nullable=False, index=True),
        sa.Column("why", sa.Text, nullable=False),
    )


def _decided_table(name: str, *columns: sa.Column[Any]) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        *columns,
        sa.Column("at", _AT, nullable=False),
        sa.Column("status", sa.String(12), nullable=False, index=True),
        sa.Column("decided_by", sa.String(40), nullable=False),
        sa.Column("decided_why", sa.Text, nullable=False),
        sa.Column("decided_at", _AT),
    )


def _guards() -> None:
    """Entries cannot be changed or deleted by anybody who comes in through the database either."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"""
            CREATE FUNCTION point_entries_stay() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$""")
        op.execute("""
            CREATE TRIGGER point_entries_stay BEFORE UPDATE OR DELETE ON point_entries
            FOR EACH ROW EXECUTE FUNCTION point_entries_stay()""")
        op.execute("""
            CREATE TRIGGER point_entries_stay_all BEFORE TRUNCATE ON point_entries
            FOR EACH STATEMENT EXECUTE FUNCTION point_entries_stay()""")
        op.execute(f"""
            CREATE FUNCTION point_reversals_fit() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN IF {_MISFIT} THEN RAISE EXCEPTION '{_MISMATCH}'; END IF; RETURN NEW; END $$""")
        op.execute("""
            CREATE TRIGGER point_reversals_fit BEFORE INSERT ON point_entries
            FOR EACH ROW EXECUTE FUNCTION point_reversals_fit()""")
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(f"""
            CREATE TRIGGER point_entries_no_{verb.lower()} BEFORE {verb} ON point_entries
            BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END""")
    op.execute(f"""
        CREATE TRIGGER point_reversals_fit BEFORE INSERT ON point_entries WHEN {_MISFIT}
        BEGIN SELECT RAISE(ABORT, '{_MISMATCH}'); END""")


def _hazards() -> None:
    op.create_table(
        "hazards",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("key", sa.String(80), nullable=False, unique=True),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("place", sa.String(80), nullable=False),
        sa.Column("severity", sa.String(8), nullable=False),
        sa.Column("declared", sa.String(8), nullable=False),
        sa.Column("topic", sa.String(24), nullable=False),
        sa.Column("reporter", sa.String(80), nullable=False, index=True),
        sa.Column("department", sa.String(40), nullable=False),
        sa.Column("receipt", sa.String(64), unique=True),
        sa.Column("at", _AT, nullable=False, index=True),
        sa.Column("status", sa.String(10), nullable=False, index=True),
        sa.Column("confirmed_by", sa.String(40), nullable=False),
        sa.Column("confirmed_at", _AT),
        sa.Column("assignee", sa.String(40), nullable=False, index=True),
        sa.Column("taken_at", _AT),
        sa.Column("fixed_at", _AT),
        sa.Column("closed_at", _AT),
        sa.Column("same_as", sa.Integer, sa.ForeignKey("hazards.id")),
        sa.Column("escalated", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "hazard_steps",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("hazard", sa.Integer, sa.ForeignKey("hazards.id"), nullable=False, index=True),
        sa.Column("at", _AT, nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("step", sa.String(12), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_table(
        "hazard_photos",
        sa.Column("name", sa.String(48), primary_key=True),
        sa.Column("hazard", sa.Integer, sa.ForeignKey("hazards.id"), nullable=False, index=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("at", _AT, nullable=False),
    )


def _rotation() -> None:
    op.create_table(
        "rotations",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("person", sa.String(40), nullable=False, index=True),
        sa.Column("place", sa.String(64), nullable=False),
        sa.Column("mentor", sa.String(40), nullable=False, index=True),
        sa.Column("first", sa.Date, nullable=False),
        sa.Column("last", sa.Date, nullable=False),
        sa.Column("goals", sa.JSON, nullable=False),
        sa.Column("made_by", sa.String(40), nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.Column("cancelled", sa.Text, nullable=False),
    )
    op.create_table(
        "rotation_tasks",
        sa.Column("rotation", sa.Integer, sa.ForeignKey("rotations.id"), primary_key=True),
        sa.Column("task", sa.String(64), primary_key=True),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("at", _AT, nullable=False),
    )
    op.create_table(
        "rotation_assessments",
        sa.Column("rotation", sa.Integer, sa.ForeignKey("rotations.id"), primary_key=True),
        sa.Column("by", sa.String(40), nullable=False),
        sa.Column("marks", sa.JSON, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("value", sa.Float, nullable=False),
        sa.Column("at", _AT, nullable=False),
    )
