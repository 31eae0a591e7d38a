"""The use cases: the only place where the tagger and the store meet. Every door shares them."""

import gc
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from api.config import Settings
from api.services.keeping import Kept
from api.services.thesaurus import StoredThesaurus
from models.catalogue import model_version_id
from models.database import Database
from tagger import Tagger
from tagger.meaning import Meaning
from tagger.retrieval.thesaurus import Thesaurus
from tagger.weights import version_of

if TYPE_CHECKING:
    from api.services.monthly import Monthly
    from api.services.review.statistics import Statistics

_COUNTED_EVERY = 60.0
"""Seconds that the numbers of reviewing are kept."""
_MONTHS_COUNTED_EVERY = 600.0
"""Seconds that the figures of the months are kept: counting them reads the whole history."""


class Services:
    """What the use cases work with; made once a process.

    Args:
        settings: where datasets are stored, and which model and engine; these are loaded when first used.
    """

    def __init__(self, settings: Settings) -> None:
        # One for each thread of a web process, and one to spare.
        self.database = Database(settings.database_url, settings.threads + 1)
        self.settings = settings
        self._thesaurus = StoredThesaurus(self.database)
        self.statistics: Kept[Statistics] = Kept(_COUNTED_EVERY)
        self.monthly: Kept[Monthly] = Kept(_MONTHS_COUNTED_EVERY)
        self.waiting_terms: Kept[int] = Kept(_COUNTED_EVERY)

    @cached_property
    def tagger(self) -> Tagger:
        """The loaded model."""
        engine = None if self.settings.engine == "none" else self.settings.engine
        return Tagger.load(self.settings.model_directory, engine, self.settings.engine_data)

    @cached_property
    def meaning(self) -> Meaning:
        """What words mean, for search."""
        return Meaning.load()

    @property
    def model_version(self) -> str:
        """The version of the model: who only asks for work, or watches it, need not load it for that.

        Raises:
            ModelError: the directory is not a model, or a file in it is missing or changed.
        """
        loaded: Tagger | None = vars(self).get("tagger")
        return loaded.model_version if loaded else version_of(self.settings.model_directory)

    def load_to_share(self) -> None:
        """Load the models before other processes are forked off, so that all share one copy.

        The garbage collector writes to the head of each object that it looks at, which would make each process a copy
        of its own; what is loaded is kept out of its sight (`gc.freeze`).
        """
        _ = self.tagger, self.meaning, self.model_version_id
        gc.collect()
        gc.freeze()

    @property
    def thesaurus(self) -> Thesaurus:
        """The stored vocabulary as search uses it, at most some seconds old."""
        return self._thesaurus.current()

    @cached_property
    def model_version_id(self) -> int:
        """The key under which the model's suggestions are stored."""
        with self.database.writing() as session:
            return model_version_id(session, self.model_version)


Progress = Callable[[int, int], None]
"""Called with how many are done and how many there are."""
