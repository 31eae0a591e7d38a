"""Vocabulary, accounts, decisions and their tags, events, jobs, themes, and the search index."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

from models.base import Document, Key, Moment

revision = "0002"
down_revision = "0001"

_APPEND_ONLY = ("decision", "event")
_TABLES = (
    "search_document",
    "theme_version",
    "theme",
    "job",
    "tag",
    "decision",
    "event",
    "token",
    "account",
    "concept_relation",
    "concept_label",
    "concept",
)


def upgrade() -> None:
    _vocabulary()
    _accounts()
    _decisions()
    _events_and_jobs()
    _themes()
    _search()
    for table in _APPEND_ONLY:
        _refuse_changes(table)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_lexeme")
    for table in _TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change")


def _id(autoincrement: bool = True) -> sa.Column[int]:
    return sa.Column("id", Key, nullable=False, autoincrement=autoincrement)


def _vocabulary() -> None:
    op.create_table(
        "concept",
        _id(),
        sa.Column("identifier", sa.String(64), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("category_code", sa.String(3)),
        sa.Column("replaced_by_id", Key),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_concept"),
        sa.UniqueConstraint("identifier", name="uq_concept_identifier"),
        sa.ForeignKeyConstraint(["replaced_by_id"], ["concept.id"], name="fk_concept_replaced_by_id"),
        sa.CheckConstraint(
            "status IN ('accepted', 'candidate', 'merged', 'blocked')", name=op.f("ck_concept_status")
        ),
        sa.CheckConstraint(
            "(status = 'merged') = (replaced_by_id IS NOT NULL)", name=op.f("ck_concept_replaced_by_id")
        ),
    )
    op.create_table(
        "concept_label",
        _id(),
        sa.Column("concept_id", Key, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_concept_label"),
        sa.ForeignKeyConstraint(
            ["concept_id"], ["concept.id"], name="fk_concept_label_concept_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("form", name="uq_concept_label_form"),
        sa.CheckConstraint(
            "kind IN ('preferred', 'alternative', 'hidden')", name=op.f("ck_concept_label_kind")
        ),
    )
    op.create_index("ix_concept_label_concept_id", "concept_label", ["concept_id"])
    op.create_table(
        "concept_relation",
        sa.Column("concept_id", Key, nullable=False),
        sa.Column("other_id", Key, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("concept_id", "other_id", "kind", name="pk_concept_relation"),
        sa.ForeignKeyConstraint(
            ["concept_id"], ["concept.id"], name="fk_concept_relation_concept_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["concept.id"], name="fk_concept_relation_other_id", ondelete="CASCADE"
        ),
        sa.CheckConstraint("kind IN ('broader', 'related')", name=op.f("ck_concept_relation_kind")),
        sa.CheckConstraint("concept_id <> other_id", name=op.f("ck_concept_relation_other_id")),
    )
    op.create_index("ix_concept_relation_other_id", "concept_relation", ["other_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        # A part of a label is found without reading them all.
        op.execute("CREATE INDEX ix_concept_label_form_part ON concept_label USING gin (form gin_trgm_ops)")


def _accounts() -> None:
    op.create_table(
        "account",
        _id(),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("publisher", sa.Text()),
        sa.Column("password_hash", sa.Text()),
        sa.Column("disabled_at", Moment()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("name", name="uq_account_name"),
        sa.CheckConstraint(
            "role IN ('uploader', 'reviewer', 'administrator', 'auditor')", name=op.f("ck_account_role")
        ),
    )
    op.create_table(
        "token",
        _id(),
        sa.Column("account_id", Key, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.String(16), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("scopes", Document, nullable=False),
        sa.Column("expires_at", Moment()),
        sa.Column("last_used_at", Moment()),
        sa.Column("revoked_at", Moment()),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_token"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_token_account_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("prefix", name="uq_token_prefix"),
        sa.UniqueConstraint("token_hash", name="uq_token_token_hash"),
    )
    op.create_index("ix_token_account_id", "token", ["account_id"])


def _decisions() -> None:
    op.create_table(
        "decision",
        _id(),
        sa.Column("dataset_id", Key, nullable=False),
        sa.Column("revision_id", Key, nullable=False),
        sa.Column("suggestion_id", Key),
        sa.Column("account_id", Key),
        sa.Column("batch", sa.String(36)),
        sa.Column("undoes_id", Key),
        sa.Column("category_code", sa.String(3)),
        sa.Column("accepted_labels", Document, nullable=False),
        sa.Column("rejected_labels", Document, nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_decision"),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"], name="fk_decision_dataset_id"),
        sa.ForeignKeyConstraint(["revision_id"], ["dataset_revision.id"], name="fk_decision_revision_id"),
        sa.ForeignKeyConstraint(["suggestion_id"], ["suggestion.id"], name="fk_decision_suggestion_id"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_decision_account_id"),
        sa.ForeignKeyConstraint(["undoes_id"], ["decision.id"], name="fk_decision_undoes_id"),
        sa.UniqueConstraint("undoes_id", name="uq_decision_undoes_id"),
        sa.CheckConstraint("undoes_id IS NULL OR undoes_id < id", name=op.f("ck_decision_undoes_id")),
    )
    op.create_index("ix_decision_dataset_id_id", "decision", ["dataset_id", "id"])
    op.create_index("ix_decision_batch", "decision", ["batch"])
    op.create_table(
        "tag",
        _id(),
        sa.Column("dataset_id", Key, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("concept_id", Key),
        sa.Column("decision_id", Key, nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tag"),
        sa.ForeignKeyConstraint(["dataset_id"], ["dataset.id"], name="fk_tag_dataset_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["concept_id"], ["concept.id"], name="fk_tag_concept_id"),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name="fk_tag_decision_id"),
        sa.UniqueConstraint("dataset_id", "kind", "value", name="uq_tag_dataset_id_kind_value"),
        sa.CheckConstraint("kind IN ('category', 'label')", name=op.f("ck_tag_kind")),
        sa.CheckConstraint("approved OR kind = 'label'", name=op.f("ck_tag_approved")),
    )
    op.create_index("ix_tag_value", "tag", ["value"])
    op.create_index("ix_tag_concept_id", "tag", ["concept_id"])
    op.create_index("ix_tag_decision_id", "tag", ["decision_id"])


def _events_and_jobs() -> None:
    op.create_table(
        "event",
        _id(autoincrement=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("account_id", Key),
        sa.Column("content", Document, nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("event_hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_event_account_id"),
        sa.UniqueConstraint("previous_hash", name="uq_event_previous_hash"),
        sa.UniqueConstraint("event_hash", name="uq_event_event_hash"),
    )
    op.create_index("ix_event_subject", "event", ["subject"])
    op.create_table(
        "job",
        _id(),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("parameters", Document, nullable=False),
        sa.Column("report", Document),
        sa.Column("error", sa.Text()),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("account_id", Key),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("started_at", Moment()),
        sa.Column("finished_at", Moment()),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_job_account_id"),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_job_state")
        ),
    )
    op.create_index("ix_job_state", "job", ["state"])
    op.create_index("ix_job_account_id", "job", ["account_id"])


def _themes() -> None:
    op.create_table(
        "theme",
        _id(),
        sa.Column("identifier", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_theme"),
        sa.UniqueConstraint("identifier", name="uq_theme_identifier"),
    )
    op.create_table(
        "theme_version",
        _id(),
        sa.Column("theme_id", Key, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content", Document, nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_theme_version"),
        sa.ForeignKeyConstraint(
            ["theme_id"], ["theme.id"], name="fk_theme_version_theme_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("theme_id", "number", name="uq_theme_version_theme_id_number"),
    )


def _search() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    op.create_table(
        "search_document",
        sa.Column("dataset_id", Key, nullable=False, autoincrement=False),
        sa.Column("title_words", sa.Text(), nullable=False),
        sa.Column("category_code", sa.String(3)),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("publisher", sa.Text()),
        sa.Column("concepts", sa.Text(), nullable=False),
        sa.Column("spatial", sa.Text(), nullable=False),
        sa.Column("covers_from", sa.String(10)),
        sa.Column("covers_to", sa.String(10)),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("scheme", sa.String(64), nullable=False),
        *([sa.Column("lexemes", TSVECTOR(), nullable=False)] if on_postgresql else []),
        sa.PrimaryKeyConstraint("dataset_id", name="pk_search_document"),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["dataset.id"], name="fk_search_document_dataset_id", ondelete="CASCADE"
        ),
    )
    for column in ("category_code", "publisher", "status"):
        op.create_index(f"ix_search_document_{column}_dataset_id", "search_document", [column, "dataset_id"])
    op.create_index("ix_search_document_scheme", "search_document", ["scheme"])
    if on_postgresql:
        op.create_index(
            "ix_search_document_lexemes", "search_document", ["lexemes"], postgresql_using="gin"
        )
        # What is ranked and counted stays together; the lexemes, which only the index reads, go elsewhere.
        op.execute("ALTER TABLE search_document SET (toast_tuple_target = 256)")
        op.execute("ALTER TABLE search_document ALTER COLUMN lexemes SET STORAGE EXTERNAL")
        return
    op.execute(
        "CREATE VIRTUAL TABLE search_lexeme USING fts5("
        "lexemes, detail='none', columnsize=0, tokenize=\"unicode61 remove_diacritics 0\")"
    )
    op.execute(
        "CREATE TRIGGER search_document_delete AFTER DELETE ON search_document"
        " BEGIN DELETE FROM search_lexeme WHERE rowid = old.dataset_id; END"
    )


def _refuse_changes(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_{event.lower()} BEFORE {event} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
