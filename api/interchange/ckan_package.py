"""A CKAN dataset ("package") as the standard's metadata.

Source: the fields of `package_show`, `ckan/logic/schema/` and `ckan/lib/dictization/model_dictize.py` of CKAN
2.10 to 2.12. Portals in Taiwan add what CKAN has no field for as extras, or with ckanext-scheming as fields
beside CKAN's own: under the standard's names, or under their Chinese ones. docs/ckan.md has the table.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from api.readers.records import to_entry
from api.readers.results import Entry, RowProblem
from tagger.categories import category_code
from tagger.metadata import DatasetMetadata, Distribution

# CKAN's own fields of the same name mean something else, or are read below.
_CKANS_OWN = frozenset(
    {"identifier", "title", "type", "organization", "notes", "license_url", "distribution"}
)
# Beside the names of the standard: how portals spell the same.
_OTHER_NAMES = {
    "服務分類": "category",
    "資料集提供機關名稱": "publisher",
    "資料集所屬管理機關名稱": "organization",
    "資料集說明網址": "landingPage",
    "資料集語系": "language",
    "資料集空間範圍": "spatial",
    "最後更新時間": "modified",
    "發布時間": "issued",
    "收錄期間(起)": "temporalCoverageFrom",
    "收錄期間(迄)": "temporalCoverageTo",
    "資料集上架方式": "listingMethod",
    "資資料集上架方式": "listingMethod",
}
_RESOURCE = {
    "resourceID": ("id",),
    "resourceDescription": ("description", "name"),
    "format": ("format",),
    "characterSetCode": ("characterSetCode", "編碼格式", "encoding"),
    "resourceModified": ("last_modified", "metadata_modified", "created"),
    "downloadURL": ("url",),
}


def _names() -> dict[str, str]:
    """What an extra may be called → the standard's name."""
    names: dict[str, str] = {}
    for attribute, field in DatasetMetadata.model_fields.items():
        alias = field.alias or attribute
        for name in (alias, attribute, field.description or alias):
            names[name] = alias
    names.update(_OTHER_NAMES)
    for name in ("identifier", "資料集識別碼", "distribution", "資料資源", "機關所填的服務分類代碼"):
        names.pop(name, None)
    return names


_NAMES = _names()


def to_entries(packages: Iterable[object]) -> Iterator[Entry]:
    """Each package of a portal as a row of a catalogue, or what is wrong with it; numbered from 1."""
    for number, package in enumerate(packages, 1):
        yield package_entry(number, package)


def package_entry(number: int, package: object) -> Entry:
    """One package as a row.

    Its identifier is CKAN's `id`: unlike `name` it never changes, and no two portals share one. Agency,
    licence and dates that stand as extras under the standard's names go before CKAN's own. Names, addresses
    and telephone numbers of authors and maintainers are left out; `author` only stands in where a dataset
    has no agency.

    Args:
        number: the package's number, from 1.
        package: as `package_show` or `package_search` gives it.
    """
    if not isinstance(package, Mapping):
        return to_entry(number, package)
    record, places = _record(package)
    entry = to_entry(number, record)
    if isinstance(entry, RowProblem):
        errors = [error._replace(pointer=_pointer(error.pointer, places)) for error in entry.errors]
        return entry._replace(errors=errors)
    return entry


def _record(package: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The package under the standard's names, and where in the package each of them stood."""
    record: dict[str, Any] = {}
    places: dict[str, str] = {}
    for name, place, value in _candidates(package):
        if name not in record and value not in (None, "", [], {}):
            record[name] = value
            places[name] = place
    return record, places


def _candidates(package: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Name, place and value of all that may fill a field; the first one that says something holds."""
    for name, field in (
        ("identifier", "id"),
        ("identifier", "name"),
        ("title", "title"),
        # CKAN itself shows the name where there is no title.
        ("title", "name"),
        ("description", "notes"),
    ):
        yield name, f"/{field}", package.get(field)
    yield "keyword", "/tags", _tags(package.get("tags"))
    yield "distribution", "/resources", _resources(package.get("resources"))
    yield from _named(package)
    for name, field in (
        ("license", "license_title"),
        ("license", "license_id"),
        ("licenseURL", "license_url"),
        ("landingPage", "url"),
        ("issued", "metadata_created"),
        ("modified", "metadata_modified"),
    ):
        yield name, f"/{field}", package.get(field)
    organization = package.get("organization")
    if isinstance(organization, Mapping):
        yield "publisher", "/organization/title", organization.get("title")
        yield "publisher", "/organization/name", organization.get("name")
    yield "publisher", "/author", package.get("author")
    yield "categoryCode", "/groups", _group_category(package.get("groups"))


def _named(package: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """What stands under one of the standard's names: extras first, then fields beside CKAN's own."""
    extras = package.get("extras")
    for index, extra in enumerate(extras if isinstance(extras, list) else []):
        key = extra.get("key") if isinstance(extra, Mapping) else None
        if isinstance(key, str) and key.strip() in _NAMES:
            yield _named_value(_NAMES[key.strip()], f"/extras/{index}/value", extra.get("value"))
    for key, value in package.items():
        if key in _NAMES and key not in _CKANS_OWN:
            yield _named_value(_NAMES[key], f"/{key}", value)


def _named_value(name: str, place: str, value: Any) -> tuple[str, str, Any]:
    # ckanext-spatial keeps a geometry (GeoJSON) under the name that the standard has for a place.
    if name == "spatial" and not (isinstance(value, str) and not value.lstrip().startswith("{")):
        return name, place, None
    if name == "categoryCode" and isinstance(value, str):
        return name, place, category_code(value) or value
    return name, place, value


def _tags(tags: object) -> Any:
    if not isinstance(tags, list):
        return tags
    return [tag.get("name") if isinstance(tag, Mapping) else tag for tag in tags]


def _resources(resources: object) -> Any:
    if not isinstance(resources, list):
        return resources
    return [_resource(item) if isinstance(item, Mapping) else item for item in resources]


def _resource(resource: Mapping[str, Any]) -> dict[str, Any]:
    """A resource as a distribution; the standard's own names, where a portal uses them, go first."""
    found: dict[str, Any] = {}
    for attribute, field in Distribution.model_fields.items():
        name = field.alias or attribute
        for key in (name, *_RESOURCE.get(name, ())):
            if resource.get(key) not in (None, ""):
                found[name] = resource[key]
                break
    return found


def _group_category(groups: object) -> str | None:
    """The category that one group names; a group is a portal's own topic and need not name any."""
    codes = {
        category_code(text)
        for group in (groups if isinstance(groups, list) else [])
        if isinstance(group, Mapping)
        for text in (group.get("title"), group.get("name"))
        if isinstance(text, str)
    } - {None}
    return codes.pop() if len(codes) == 1 else None


def _pointer(pointer: str, places: Mapping[str, str]) -> str:
    """A pointer into the record as one into the package."""
    name, slash, rest = pointer.removeprefix("/").partition("/")
    return places.get(name, {"identifier": "/id", "title": "/title"}.get(name, f"/{name}")) + slash + rest
