"""Whether the service can do its whole work."""

from sqlalchemy.exc import SQLAlchemyError

from api.services import Services
from tagger.weights import ModelError


def check_readiness(services: Services) -> dict[str, str]:
    """The state of what the service depends on; each is `ok` or says what is wrong."""
    return {"database": _database(services), "model": _model(services)}


def _database(services: Services) -> str:
    try:
        migrated = services.database.is_migrated()
    except SQLAlchemyError:
        return "無法連線"
    return "ok" if migrated else "結構不是最新版本，請執行 tagger migrate"


def _model(services: Services) -> str:
    try:
        return "ok" if services.tagger.model_version else "沒有版本"
    except ModelError:
        return "模型檔案缺漏或被更動"
