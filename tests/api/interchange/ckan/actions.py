"""What CKAN's actions do, as far as this project uses them. Written after CKAN 2.12.0's own code.

ckan/logic/action/get.py, update.py and patch.py, ckan/logic/validators.py, ckan/logic/schema/ and
ckan/lib/dictization/; where 2.10 and 2.11 differ, `Portal.always_touches` says so.
"""

import re
import uuid
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

ROWS_MAX = 1_000


class ActionError(Exception):
    """An error as the API shows it: the status and the `error` object."""

    def __init__(self, status: int, kind: str, **details: Any) -> None:
        super().__init__(kind)
        self.status = status
        self.error = {"__type": kind, **details}


def denied(message: str) -> ActionError:
    return ActionError(403, "Authorization Error", message=f"Access denied: {message}")


def not_found(message: str = "") -> ActionError:
    return ActionError(404, "Not Found Error", message=f"Not found: {message}" if message else "Not found")


def invalid(**fields: Any) -> ActionError:
    return ActionError(409, "Validation Error", **fields)


@dataclass
class Site:
    """The portal's content.

    Attributes:
        users: token → the organizations whose datasets it may edit; "*" is a system administrator.
        always_touches: whether any package_patch moves metadata_modified, as in 2.10 and 2.11.
        broken: ids that the search index counts but cannot give.
    """

    packages: dict[str, dict[str, Any]] = field(default_factory=dict)
    vocabularies: dict[str, str] = field(default_factory=dict)
    users: dict[str, set[str]] = field(default_factory=dict)
    rows_max: int = ROWS_MAX
    always_touches: bool = False
    broken: set[str] = field(default_factory=set)
    _clock: datetime = field(default_factory=lambda: datetime(2026, 1, 1))  # noqa: DTZ001 - as CKAN: UTC, naive

    def add(self, title: str, tags: tuple[str, ...] = (), **fields: Any) -> dict[str, Any]:
        """Create a dataset and return it."""
        key = fields.pop("id", None) or str(uuid.uuid4())
        moment = self.now()
        package: dict[str, Any] = {
            "id": key,
            "name": f"dataset-{key[:8]}",
            "title": title,
            "notes": "",
            "author": None,
            "author_email": None,
            "maintainer": None,
            "maintainer_email": None,
            "license_id": None,
            "license_title": None,
            "url": None,
            "version": None,
            "private": False,
            "state": "active",
            "type": "dataset",
            "isopen": False,
            "owner_org": "mol",
            "organization": {"id": "mol", "name": "mol", "title": "勞動部", "is_organization": True},
            "metadata_created": moment,
            "metadata_modified": moment,
            "extras": [],
            "groups": [],
            "resources": [],
            "num_resources": 0,
            "tags": [],
        }
        package.update(fields)
        self.packages[key] = package
        self.set_tags(package, [{"name": name} for name in tags])
        return package

    def now(self) -> str:
        """A moment later than any before."""
        self._clock += timedelta(seconds=1, microseconds=7)
        return self._clock.isoformat()

    def edit(self, key: str, tags: tuple[str, ...]) -> None:
        """Somebody adds tags in the portal's own form."""
        package = self.packages[key]
        self.set_tags(package, [*package["tags"], *({"name": name} for name in tags)])
        package["metadata_modified"] = self.now()

    def set_tags(self, package: dict[str, Any], tags: list[dict[str, Any]]) -> None:
        """As package_tag_list_save and package_dictize: each name and vocabulary once, sorted by name."""
        named = {(tag["name"], tag.get("vocabulary_id") or None): None for tag in tags}
        package["tags"] = [
            {
                "display_name": name,
                "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{vocabulary}/{name}")),
                "name": name,
                "state": "active",
                "vocabulary_id": vocabulary,
            }
            for name, vocabulary in sorted(named, key=lambda pair: (pair[0], pair[1] or ""))
        ]
        package["num_tags"] = len(package["tags"])

    def names(self, key: str) -> list[str]:
        """The names of a dataset's tags."""
        return [tag["name"] for tag in self.packages[key]["tags"]]


Action = Callable[[Site, str | None, dict[str, Any]], Any]
READING: dict[str, Action] = {}
WRITING: dict[str, Action] = {}


def _action(table: dict[str, Action]) -> Callable[[Action], Action]:
    def register(function: Action) -> Action:
        table[function.__name__] = function
        return function

    return register


@_action(READING)
def package_search(site: Site, user: str | None, data: dict[str, Any]) -> Any:
    errors: dict[str, Any] = {}
    rows = min(_natural("rows", data.get("rows", 10), errors), site.rows_max)
    start = _natural("start", data.get("start", 0), errors)
    if errors:
        raise invalid(**errors)
    found = [p for p in site.packages.values() if p["state"] == "active" and not p["private"]]
    found = [p for p in found if _matches(p, data.get("fq", ""))]
    sort = data.get("sort") or "score desc, metadata_modified desc"
    for clause in reversed(sort.split(",")):
        name, _, order = clause.strip().partition(" ")
        if name == "score":
            continue
        if name not in ("id", "name", "metadata_created", "metadata_modified") or order not in (
            "asc",
            "desc",
        ):
            raise ActionError(
                400, "Search Query Error", message="Search Query is invalid: 'Invalid \"sort\" parameter'"
            )
        found.sort(key=lambda package: str(package[name]), reverse=order == "desc")
    results = [p for p in found[start : start + rows] if p["id"] not in site.broken]
    return {
        "count": len(found),
        "facets": {},
        "results": deepcopy(results),
        "sort": sort,
        "search_facets": {},
    }


@_action(READING)
def package_show(site: Site, user: str | None, data: dict[str, Any]) -> Any:
    package = _package(site, data, "name_or_id")
    if (package["private"] or package["state"] != "active") and not _may_edit(site, user, package):
        raise denied(f"User {user or ''} not authorized to read package {package['id']}")
    return deepcopy(package)


@_action(READING)
def tag_list(site: Site, user: str | None, data: dict[str, Any]) -> Any:
    wanted = data.get("vocabulary_id")
    if wanted is not None and wanted not in site.vocabularies:
        raise not_found(f"could not find vocabulary '{wanted}'")
    tags = (tag for package in site.packages.values() for tag in package["tags"])
    return sorted({tag["name"] for tag in tags if tag["vocabulary_id"] == wanted})


@_action(WRITING)
def package_patch(site: Site, user: str | None, data: dict[str, Any]) -> Any:
    if user is None:
        raise denied("Action package_patch requires an authenticated user")
    package = _package(site, data, "id")
    if not _may_edit(site, user, package):
        raise denied(f"User {user} not authorized to edit package {package['id']}")
    before = deepcopy(package)
    patched = {**package, **data, "id": package["id"], "type": package["type"]}
    tags = patched.pop("tags")
    _validate_tags(site, tags)
    package.update(patched)
    site.set_tags(package, tags or [])
    if site.always_touches or package != before:
        package["metadata_modified"] = site.now()
    return deepcopy(package)


def _validate_tags(site: Site, tags: Any) -> None:
    if tags is not None and not (isinstance(tags, list) and all(isinstance(tag, dict) for tag in tags)):
        kind = f"Only lists of dicts can be placed against subschema ('tags',) not {type(tags)}"
        raise ActionError(400, "Integrity Error", message=kind)
    errors: list[Any] = []
    for tag in tags or []:
        found = tag_errors(tag.get("name"))
        if found:
            errors.append(", ".join(found))
        elif tag.get("vocabulary_id") and tag["vocabulary_id"] not in site.vocabularies:
            errors.append({"vocabulary_id": ["Tag vocabulary was not found."]})
    if errors:
        raise invalid(tags=errors)


def tag_errors(name: Any) -> list[str]:
    """tag_length_validator and tag_name_validator, word for word in what they accept and say."""
    if not name:
        return ["Missing value"]
    errors = []
    if len(name) < 2:
        errors.append(f'Tag "{name}" length is less than minimum 2')
    if len(name) > 100:
        errors.append(f'Tag "{name}" length is more than maximum 100')
    if not re.compile(r"[\w \-.]*$", re.UNICODE).match(name):
        errors.append(
            f'Tag "{name}" can only contain alphanumeric characters, spaces (" "), hyphens ("-"), '
            'underscores ("_") or dots (".")'
        )
    return errors


def _package(site: Site, data: dict[str, Any], missing: str) -> dict[str, Any]:
    wanted = data.get("id")
    if not wanted:
        raise invalid(**{missing: ["Missing value"]})
    for package in site.packages.values():
        if wanted in (package["id"], package["name"]):
            return package
    raise not_found()


def _may_edit(site: Site, user: str | None, package: dict[str, Any]) -> bool:
    return user is not None and bool(site.users[user] & {"*", package["owner_org"]})


def _natural(name: str, value: Any, errors: dict[str, Any]) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError):
        errors[name] = ["Invalid integer"]
        return 0
    if number < 0:
        errors[name] = ["Must be a natural number"]
    return number


def _matches(package: dict[str, Any], fq: str) -> bool:
    """A small part of Solr's language: `field:value` and `field:"value"`, all of which must hold."""
    for clause in re.findall(r'\+?([a-z_]+:(?:"[^"]*"|\S+)|\S+)', fq):
        name, colon, value = clause.partition(":")
        values = {
            "id": [package["id"]],
            "name": [package["name"]],
            "organization": [(package["organization"] or {}).get("name")],
            "tags": [tag["name"] for tag in package["tags"]],
        }
        if not colon or name not in values:
            raise ActionError(
                409, "Search Error", message=f"Search error: 'SOLR returned an error: {clause}'"
            )
        if value.strip('"') not in values[name]:
            return False
    return True
