"""Answers to quiz items, what is remembered of them, and the days on which the five were done."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "quiz_answers",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("key", sa.String(160), nullable=False, unique=True),
        sa.Column("learner", sa.String(80), nullable=False),
        sa.Column("item", sa.String(64), nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("right", sa.Boolean, nullable=False),
        sa.Column("chosen", sa.JSON, nullable=False),
        sa.Column("seconds", sa.Float),
        sa.Column("predicted", sa.Float),
    )
    op.create_index("ix_quiz_answer_item", "quiz_answers", ["item"])
    op.create_index("ix_quiz_answer_learner", "quiz_answers", ["learner", "at"])
    op.create_table(
        "memories",
        sa.Column("learner", sa.String(80), primary_key=True),
        sa.Column("item", sa.String(64), primary_key=True),
        sa.Column("stability", sa.Float, nullable=False),
        sa.Column("difficulty", sa.Float, nullable=False),
        sa.Column("due", _AT, nullable=False),
        sa.Column("last_review", _AT, nullable=False),
        sa.Column("reps", sa.Integer, nullable=False),
    )
    op.create_index("ix_memory_due", "memories", ["learner", "due"])
    op.create_table(
        "quiz_days",
        sa.Column("learner", sa.String(80), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
    )
