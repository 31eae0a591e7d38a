"""A theme over real datasets: other ministries' sides of a topic are there, with reasons."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.config import Settings
from api.readers import CatalogueRow
from api.services import Services
from api.services.importing import import_catalogue
from api.services.migrating import migrate
from api.services.retagging import retag_all
from api.services.themes.making import ThemeAsked, make_theme
from tagger import DatasetMetadata

_SIDES = {
    "fire": "火災|消防",
    "factory": "工廠",
    "construction": "營造|建築",
    "machinery": "機械|昇降|鍋爐|起重",
}
_ABOUT = re.compile("|".join((*_SIDES.values(), "職業|職災|勞工|勞動|安全")))


def _rows(shared_data: Path) -> Iterator[CatalogueRow]:
    """What may belong to the theme, and every tenth of the rest."""
    with gzip.open(shared_data / "catalogue-2026.jsonl.gz", "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            row = json.loads(line)
            if row["title"].strip() and (_ABOUT.search(row["title"]) or number % 10 == 0):
                metadata = DatasetMetadata(
                    identifier=row["identifier"], title=row["title"], publisher=row["publisher"] or None
                )
                yield CatalogueRow(number, metadata, number)


@pytest.mark.shared
def test_occupational_safety_brings_fire_factory_construction_and_machinery_of_other_ministries(
    shared_data: Path, loaded: Services, tmp_path: Path
) -> None:
    services = Services(Settings(database_url=f"sqlite:///{tmp_path}/catalogue.sqlite3"))
    services.tagger, services.meaning = loaded.tagger, loaded.meaning
    migrate(services)
    import_catalogue(services, _rows(shared_data), on_problem=print, progress=lambda done: None)
    retag_all(services, lambda done, total: None)
    with services.database.reading() as session:
        theme = make_theme(services, session, ThemeAsked("職業安全"))
    services.database.engine.dispose()
    others = [dataset for dataset in theme["datasets"] if dataset["agency"] != "勞動部"]
    for side, words in _SIDES.items():
        found = [dataset for dataset in others if re.search(words, dataset["title"])]
        assert found, side
        assert all(dataset["reason"]["text"] for dataset in found)
    assert len({dataset["agency"] for dataset in theme["datasets"]}) >= 15
