"""Practices may be paused, and may belong to an exam or a warm-up."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("practices", sa.Column("paused", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("practices", sa.Column("sitting", sa.JSON))
