"""People and their accounts, what they did, what is under way at each desk, and notices."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("department", sa.String(40), nullable=False, index=True),
        sa.Column("post", sa.String(40), nullable=False),
        sa.Column("joined", sa.Date, nullable=False),
        sa.Column("role", sa.String(12), nullable=False),
        sa.Column("trainer", sa.String(40), nullable=False, index=True),
        sa.Column("manager", sa.String(40), nullable=False, index=True),
        sa.Column("team", sa.String(40), nullable=False),
        sa.Column("left", sa.Date),
    )
    op.create_table(
        "accounts",
        sa.Column("account", sa.String(80), primary_key=True),
        sa.Column("person", sa.String(40), nullable=False, index=True),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("address", sa.String(120), nullable=False),
        sa.Column("bound_at", _AT, nullable=False),
    )
    op.create_table(
        "binding_codes",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("person", sa.String(40), nullable=False, index=True),
        sa.Column("until", _AT, nullable=False),
        sa.Column("used_at", _AT),
    )
    op.create_table(
        "learning_events",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("key", sa.String(160), nullable=False, unique=True),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("person", sa.String(80), nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.Column("topic", sa.String(24), nullable=False),
        sa.Column("ref", sa.String(160), nullable=False),
        sa.Column("value", sa.Float, nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
    )
    op.create_index("ix_event_person", "learning_events", ["person", "at"])
    op.create_index("ix_event_kind", "learning_events", ["kind", "at"])
    op.create_index("ix_event_at", "learning_events", ["at"])
    op.create_table(
        "desk_states",
        sa.Column("conversation", sa.String(80), primary_key=True),
        sa.Column("desk", sa.String(24), primary_key=True),
        sa.Column("state", sa.JSON, nullable=False),
        sa.Column("updated_at", _AT, nullable=False),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("key", sa.String(160), nullable=False, unique=True),
        sa.Column("person", sa.String(40), nullable=False),
        sa.Column("message", sa.JSON, nullable=False),
        sa.Column("due_at", _AT, nullable=False),
        sa.Column("sent_at", _AT),
        sa.Column("tries", sa.Integer, nullable=False),
    )
    op.create_index("ix_notice_waiting", "notices", ["person", "sent_at", "due_at"])
