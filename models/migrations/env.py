"""Alembic's entry: migrations run on the connection that `Database.migrate` hands over."""

from alembic import context

from models.base import Base
from models.tables import is_mapped

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    include_name=is_mapped,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
