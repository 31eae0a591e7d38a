"""Opening the store for a command, with errors that say what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from api.config import Settings
from api.logs import configure_logs
from api.services import Services
from tagger.weights import ModelError


@contextmanager
def open_store(*, migrated: bool = True, terms: bool = True) -> Iterator[Services]:
    """The services, with a schema that fits the code.

    Args:
        migrated: whether the schema must be the newest already.
        terms: whether new terms are looked for, which needs an engine that takes a second to load.
    """
    settings = Settings() if terms else Settings(engine="none")
    configure_logs(settings.log_level)
    try:
        services = Services(settings)
        try:
            if migrated and not services.database.is_migrated():
                raise click.ClickException("資料庫結構不是最新版本，請先執行 tagger migrate。")
            yield services
        finally:
            services.database.engine.dispose()
    except (ArgumentError, NoSuchModuleError) as error:
        raise click.ClickException(
            "DATABASE_URL 無法辨識，應為 sqlite:///檔案 或 postgresql://使用者@主機/資料庫。"
        ) from error
    except DBAPIError as error:
        raise click.ClickException(f"資料庫無法使用：{error.orig}") from error
    except ModelError as error:
        raise click.ClickException(f"模型無法使用：{error}") from error
