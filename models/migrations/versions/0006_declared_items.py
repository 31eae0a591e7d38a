"""What is declared for a category, where it waits and what is suggested for it is one read of an index."""

from alembic import op

revision = "0006"
down_revision = "0005"
_NAME = "ix_review_item_declared_code_queue_suggested_code"


def upgrade() -> None:
    op.create_index(_NAME, "review_item", ["declared_code", "queue", "suggested_code"])


def downgrade() -> None:
    op.drop_index(_NAME, "review_item")
