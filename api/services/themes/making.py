"""Making a theme: what is near a topic, chosen, described, and what is lacking."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from api.services import Services
from api.services.themes.choosing import Chosen, choose, keep
from api.services.themes.describing import describe
from api.services.themes.gathering import gather
from models.catalogue import CurrentDataset, current_datasets
from models.themes import datasets_called


class ThemeAsked(NamedTuple):
    """What a theme is made of.

    Attributes:
        topic: what it is about.
        title: what it is called; None calls it as the topic.
        limit: how many datasets at most.
        exclude_publishers: publishers, ministries or local governments that are left out.
        accept: identifiers of datasets that belong to it whatever is found.
        drop: identifiers of datasets that do not.
    """

    topic: str
    title: str | None = None
    limit: int = 60
    exclude_publishers: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()

    @property
    def options(self) -> dict[str, Any]:
        """All but topic and title, under the wire's names."""
        return {
            "limit": self.limit,
            "excludePublishers": list(self.exclude_publishers),
            "accept": list(self.accept),
            "drop": list(self.drop),
        }


class UnknownDatasets(ValueError):
    """Identifiers of datasets that are not stored.

    Attributes:
        places: list and position of each: `("accept", 0)`.
    """

    def __init__(self, places: Sequence[tuple[str, int]]) -> None:
        super().__init__(f"{len(places)} unknown datasets")
        self.places = tuple(places)


def make_theme(
    services: Services, session: Session, asked: ThemeAsked, kept: Sequence[str] | None = None
) -> dict[str, Any]:
    """A theme's content: what `api.v1.theme_schemas.ThemeContent` describes.

    Args:
        services: what to work with.
        session: what is read in.
        asked: what the theme is made of.
        kept: identifiers of exactly the datasets that it shall have; None chooses them.

    Raises:
        UnknownDatasets: something accepted or dropped is not stored.
    """
    keys = datasets_called(session, [*asked.accept, *asked.drop, *(kept or ())])
    _check(asked, keys)
    gathered = gather(services, session, asked.topic)
    accepted = [keys[identifier] for identifier in dict.fromkeys(asked.accept)]
    if kept is None:
        dropped = {keys[identifier] for identifier in asked.drop}
        chosen = choose(gathered, asked.limit, asked.exclude_publishers, accepted, dropped)
    else:
        chosen = keep(gathered, [keys[one] for one in kept if one in keys], set(accepted))
    datasets = _loaded(session, chosen)
    return {
        "topic": asked.topic,
        "title": asked.title or asked.topic,
        "options": asked.options,
        "model": services.meaning.version,
        **describe(gathered, chosen, datasets),
    }


def _check(asked: ThemeAsked, keys: Mapping[str, int]) -> None:
    unknown = [
        (name, position)
        for name, identifiers in (("accept", asked.accept), ("drop", asked.drop))
        for position, identifier in enumerate(identifiers)
        if identifier not in keys
    ]
    if unknown:
        raise UnknownDatasets(unknown)


def _loaded(session: Session, chosen: Sequence[Chosen]) -> dict[int, CurrentDataset]:
    keys = [one.dataset_id for one in chosen]
    return {found.dataset_id: found for found in current_datasets(session, keys)}
