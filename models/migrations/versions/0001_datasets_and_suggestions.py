"""Datasets, their revisions, and suggestions."""

import sqlalchemy as sa
from alembic import op

from models.base import Document, Key, Moment

revision = "0001"
down_revision = None


def upgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    # A dataset points at its current revision and suggestion, which point back. SQLite takes a reference to a
    # table that comes later; PostgreSQL wants it added afterwards.
    pointers = (
        sa.ForeignKeyConstraint(
            ["current_revision_id"], ["dataset_revision.id"], name="fk_dataset_current_revision_id"
        ),
        sa.ForeignKeyConstraint(
            ["current_suggestion_id"], ["suggestion.id"], name="fk_dataset_current_suggestion_id"
        ),
    )
    op.create_table(
        "dataset",
        sa.Column("id", Key, nullable=False),
        sa.Column("identifier", sa.String(255), nullable=False),
        sa.Column("current_revision_id", Key, nullable=True),
        sa.Column("current_suggestion_id", Key, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dataset"),
        sa.UniqueConstraint("identifier", name="uq_dataset_identifier"),
        *(pointers if on_sqlite else ()),
    )
    op.create_index("ix_dataset_current_revision_id", "dataset", ["current_revision_id"])
    op.create_index("ix_dataset_current_suggestion_id", "dataset", ["current_suggestion_id"])
    op.create_table(
        "model_version",
        sa.Column("id", Key, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_model_version"),
        sa.UniqueConstraint("name", name="uq_model_version_name"),
    )
    op.create_table(
        "dataset_revision",
        sa.Column("id", Key, nullable=False),
        sa.Column("dataset_id", Key, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("publisher", sa.Text(), nullable=True),
        sa.Column("category_code", sa.String(3), nullable=True),
        sa.Column("content", Document, nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name="fk_dataset_revision_dataset_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_dataset_revision"),
        sa.UniqueConstraint("dataset_id", "number", name="uq_dataset_revision_dataset_id_number"),
    )
    op.create_index("ix_dataset_revision_category_code", "dataset_revision", ["category_code"])
    op.create_index("ix_dataset_revision_publisher", "dataset_revision", ["publisher"])
    op.create_table(
        "suggestion",
        sa.Column("id", Key, nullable=False),
        sa.Column("revision_id", Key, nullable=False),
        sa.Column("model_version_id", Key, nullable=False),
        sa.Column("category_code", sa.String(3), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("mismatched", sa.Boolean(), nullable=False),
        sa.Column("content", Document, nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["dataset_revision.id"], name="fk_suggestion_revision_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["model_version_id"], ["model_version.id"], name="fk_suggestion_model_version_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_suggestion"),
        sa.UniqueConstraint(
            "revision_id", "model_version_id", name="uq_suggestion_revision_id_model_version_id"
        ),
    )
    op.create_index("ix_suggestion_category_code", "suggestion", ["category_code"])
    op.create_index("ix_suggestion_mismatched", "suggestion", ["mismatched"])
    if not on_sqlite:
        for pointer, table in zip(
            ("current_revision_id", "current_suggestion_id"), ("dataset_revision", "suggestion"), strict=True
        ):
            op.create_foreign_key(f"fk_dataset_{pointer}", "dataset", table, [pointer], ["id"])


def downgrade() -> None:
    op.execute("UPDATE dataset SET current_revision_id = NULL, current_suggestion_id = NULL")
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint("fk_dataset_current_suggestion_id", "dataset", type_="foreignkey")
        op.drop_constraint("fk_dataset_current_revision_id", "dataset", type_="foreignkey")
    for table in ("suggestion", "dataset_revision", "model_version", "dataset"):
        op.drop_table(table)
