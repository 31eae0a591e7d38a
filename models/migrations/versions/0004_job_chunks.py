"""Jobs in chunks, each with an attempt, a lease and a fencing token; what of a job failed."""

import sqlalchemy as sa
from alembic import op

from models.base import Document, Key, Moment

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "job_chunk",
        sa.Column("id", Key, nullable=False),
        sa.Column("job_id", Key, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("first_id", Key, nullable=False),
        sa.Column("last_id", Key, nullable=False),
        sa.Column("dataset_ids", Document),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("lease_until", Moment()),
        sa.Column("counts", Document, nullable=False),
        sa.Column("error", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_job_chunk"),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name="fk_job_chunk_job_id", ondelete="CASCADE"),
        sa.UniqueConstraint("job_id", "number", name="uq_job_chunk_job_id_number"),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_job_chunk_state")
        ),
    )
    op.create_index("ix_job_chunk_job_id_state_number", "job_chunk", ["job_id", "state", "number"])
    op.create_table(
        "job_failure",
        sa.Column("job_id", Key, nullable=False),
        sa.Column("dataset_id", Key, nullable=False, autoincrement=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "dataset_id", name="pk_job_failure"),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name="fk_job_failure_job_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name="fk_job_failure_dataset_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_job_failure_dataset_id", "job_failure", ["dataset_id"])


def downgrade() -> None:
    op.drop_table("job_failure")
    op.drop_table("job_chunk")
