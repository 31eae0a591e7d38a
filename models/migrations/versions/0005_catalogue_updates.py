"""Datasets can be withdrawn; imports are written down, with the datasets that a running one has named."""

import sqlalchemy as sa
from alembic import op

from models.base import Document, Key, Moment

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("dataset", sa.Column("withdrawn_at", Moment()))
    op.create_table(
        "catalogue_import",
        sa.Column("id", Key, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("options", Document, nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("counts", Document, nullable=False),
        sa.Column("etag", sa.Text()),
        sa.Column("last_modified", sa.Text()),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("finished_at", Moment()),
        sa.PrimaryKeyConstraint("id", name="pk_catalogue_import"),
        sa.CheckConstraint("kind IN ('snapshot', 'changes', 'part')", name=op.f("ck_catalogue_import_kind")),
    )
    op.create_table(
        "catalogue_sighting",
        sa.Column("import_id", Key, nullable=False, autoincrement=False),
        sa.Column("dataset_id", Key, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("import_id", "dataset_id", name="pk_catalogue_sighting"),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["catalogue_import.id"],
            name="fk_catalogue_sighting_import_id",
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    op.drop_table("catalogue_sighting")
    op.drop_table("catalogue_import")
    op.drop_column("dataset", "withdrawn_at")
