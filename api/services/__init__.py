"""The use cases: the only place where the tagger and the store meet. Every door shares them."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from api.config import Settings
from models.catalogue import model_version_id
from models.database import Database
from tagger import Tagger
from tagger.weights import SHIPPED_MODEL


class Services:
    """What the use cases work with; made once a process.

    Args:
        database_url: where datasets are stored.
        model_directory: the model; by default the shipped one. Loaded when first used.
    """

    def __init__(self, database_url: str, model_directory: Path | None = None) -> None:
        self.database = Database(database_url)
        self._model_directory = model_directory or SHIPPED_MODEL

    @classmethod
    def from_settings(cls, settings: Settings) -> "Services":
        """Services as the environment says."""
        return cls(settings.database_url, settings.model_directory)

    @cached_property
    def tagger(self) -> Tagger:
        """The loaded model."""
        return Tagger.load(self._model_directory)

    @cached_property
    def model_version_id(self) -> int:
        """The key under which the loaded model's suggestions are stored."""
        with self.database.writing() as session:
            return model_version_id(session, self.tagger.model_version)


Progress = Callable[[int, int], None]
"""Called with how many are done and how many there are."""
