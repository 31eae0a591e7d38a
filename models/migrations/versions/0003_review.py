"""Reviewing: queue, leases, assignments, notes, new terms; sessions; webhooks; what a decision was."""

import sqlalchemy as sa
from alembic import op

from models.base import Document, Key, Moment

revision = "0003"
down_revision = "0002"

_TABLES = (
    "idempotency_key",
    "delivery",
    "webhook",
    "new_term",
    "saved_reply",
    "mention",
    "note",
    "assignment",
    "lease",
    "review_item",
    "web_session",
)
_QUEUES = "('mismatch', 'uncertain', 'confident', 'second', 'conflict', 'decided')"
_ADDED = ("kind", "doubles_id", "second_wanted", "sampled", "milliseconds")


def upgrade() -> None:
    _decision()
    _sessions()
    _queue()
    _talk()
    _webhooks()


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
    op.drop_index("ix_decision_account_id_id", "decision")
    op.drop_index("ix_decision_dataset_id_account_id_kind", "decision")
    op.drop_index("ix_decision_account_id_created_at", "decision")
    op.drop_index("ix_decision_created_at", "decision")
    op.drop_index("ix_decision_kind_category_code_id", "decision")
    op.drop_index("ix_decision_doubles_id", "decision")
    for column in reversed(_ADDED):
        op.drop_column("decision", column)


def _decision() -> None:
    # Columns are added one by one, not by copying the table: its triggers and its rows stay as they are.
    op.add_column("decision", sa.Column("kind", sa.String(16), nullable=False, server_default="decide"))
    op.add_column("decision", sa.Column("doubles_id", Key))
    op.add_column("decision", sa.Column("second_wanted", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("decision", sa.Column("sampled", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("decision", sa.Column("milliseconds", sa.Integer()))
    op.create_index("ix_decision_doubles_id", "decision", ["doubles_id"], unique=True)
    op.create_index("ix_decision_account_id_id", "decision", ["account_id", "id"])
    op.create_index(
        "ix_decision_dataset_id_account_id_kind", "decision", ["dataset_id", "account_id", "kind"]
    )
    op.create_index("ix_decision_account_id_created_at", "decision", ["account_id", "created_at"])
    op.create_index("ix_decision_created_at", "decision", ["created_at"])
    op.create_index(
        "ix_decision_kind_category_code_id", "decision", ["kind", "category_code", "id"]
    )


def _sessions() -> None:
    op.create_table(
        "web_session",
        sa.Column("id", Key, nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("account_id", Key, nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("last_seen_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_web_session"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_web_session_account_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("key_hash", name="uq_web_session_key_hash"),
    )
    op.create_index("ix_web_session_account_id", "web_session", ["account_id"])


def _dataset_key(table: str) -> tuple[sa.Column[int], sa.PrimaryKeyConstraint, sa.ForeignKeyConstraint]:
    return (
        sa.Column("dataset_id", Key, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("dataset_id", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name=f"fk_{table}_dataset_id", ondelete="CASCADE"
        ),
    )


def _account(table: str, column: str = "account_id", ondelete: str | None = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["account.id"], name=f"fk_{table}_{column}", ondelete=ondelete)


def _queue() -> None:
    op.create_table(
        "review_item",
        *_dataset_key("review_item"),
        sa.Column("queue", sa.String(16), nullable=False),
        sa.Column("gain", sa.Double(), nullable=False),
        sa.Column("level", sa.String(16)),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("declared_code", sa.String(3)),
        sa.Column("suggested_code", sa.String(3), nullable=False),
        sa.Column("publisher", sa.Text()),
        sa.Column("model_version_id", Key, nullable=False),
        sa.Column("title_pattern", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_version_id"], ["model_version.id"], name="fk_review_item_model_version_id"
        ),
        sa.CheckConstraint(f"queue IN {_QUEUES}", name=op.f("ck_review_item_queue")),
        sa.CheckConstraint("level IN ('confirm', 'correct')", name=op.f("ck_review_item_level")),
    )
    op.create_index("ix_review_item_queue_gain_dataset_id", "review_item", ["queue", "gain", "dataset_id"])
    op.create_index("ix_review_item_publisher_queue", "review_item", ["publisher", "queue"])
    op.create_index("ix_review_item_title_pattern", "review_item", ["title_pattern"])
    op.create_table(
        "lease",
        *_dataset_key("lease"),
        sa.Column("account_id", Key, nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        _account("lease"),
        sa.CheckConstraint("purpose IN ('queue', 'sample', 'second')", name=op.f("ck_lease_purpose")),
    )
    op.create_index("ix_lease_account_id", "lease", ["account_id"])
    op.create_index("ix_lease_expires_at", "lease", ["expires_at"])
    op.create_table(
        "new_term",
        sa.Column("dataset_id", Key, nullable=False, autoincrement=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("publisher", sa.Text()),
        sa.PrimaryKeyConstraint("dataset_id", "form", name="pk_new_term"),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name="fk_new_term_dataset_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_new_term_form", "new_term", ["form"])


def _talk() -> None:
    op.create_table(
        "assignment",
        *_dataset_key("assignment"),
        sa.Column("account_id", Key, nullable=False),
        sa.Column("assigned_by_id", Key),
        sa.Column("due_on", sa.String(10)),
        sa.Column("created_at", Moment(), nullable=False),
        _account("assignment"),
        _account("assignment", "assigned_by_id", "SET NULL"),
    )
    op.create_index("ix_assignment_account_id", "assignment", ["account_id"])
    op.create_table(
        "note",
        sa.Column("id", Key, nullable=False),
        sa.Column("dataset_id", Key, nullable=False),
        sa.Column("account_id", Key, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_note"),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name="fk_note_dataset_id", ondelete="CASCADE"
        ),
        _account("note", ondelete=None),
    )
    op.create_index("ix_note_dataset_id", "note", ["dataset_id"])
    op.create_table(
        "mention",
        sa.Column("note_id", Key, nullable=False),
        sa.Column("account_id", Key, nullable=False),
        sa.Column("seen_at", Moment()),
        sa.PrimaryKeyConstraint("note_id", "account_id", name="pk_mention"),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name="fk_mention_note_id", ondelete="CASCADE"),
        _account("mention"),
    )
    op.create_index("ix_mention_account_id", "mention", ["account_id"])
    op.create_table(
        "saved_reply",
        sa.Column("id", Key, nullable=False),
        sa.Column("account_id", Key, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_reply"),
        _account("saved_reply"),
    )
    op.create_index("ix_saved_reply_account_id", "saved_reply", ["account_id"])


def _webhooks() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", Key, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("kinds", Document, nullable=False),
        sa.Column("account_id", Key),
        sa.Column("failing_since", Moment()),
        sa.Column("disabled_at", Moment()),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhook"),
        _account("webhook", ondelete="SET NULL"),
    )
    op.create_table(
        "delivery",
        sa.Column("id", Key, nullable=False),
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("webhook_id", Key, nullable=False),
        sa.Column("event_id", Key, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", Moment()),
        sa.Column("delivered_at", Moment()),
        sa.Column("last_error", sa.Text()),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhook.id"], name="fk_delivery_webhook_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name="fk_delivery_event_id"),
        sa.UniqueConstraint("message_id", name="uq_delivery_message_id"),
        sa.UniqueConstraint("webhook_id", "event_id", name="uq_delivery_webhook_id_event_id"),
    )
    op.create_index("ix_delivery_due_at", "delivery", ["due_at"])
    op.create_table(
        "idempotency_key",
        sa.Column("account_id", Key, nullable=False, autoincrement=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("request_hash", sa.String(64), nullable=False),
        sa.Column("decision_id", Key),
        sa.Column("batch", sa.String(36)),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "key", name="pk_idempotency_key"),
        _account("idempotency_key"),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name="fk_idempotency_key_decision_id"),
    )
