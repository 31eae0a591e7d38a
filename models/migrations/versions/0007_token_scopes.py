"""Tokens of before scopes were looked at go on to be for all that their account may do."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
_TOKEN = sa.table("token", sa.column("scopes", sa.JSON))
_ALL = ["read", "write", "review", "manage"]


def upgrade() -> None:
    op.execute(_TOKEN.update().values(scopes=_ALL))


def downgrade() -> None:
    op.execute(_TOKEN.update().values(scopes=[]))
