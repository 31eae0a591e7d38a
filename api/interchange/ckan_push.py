"""Writing approved labels back to a portal: what has to change in a dataset's tags, and changing it."""

from typing import Any, NamedTuple

from api.interchange.ckan import CkanClient
from api.interchange.ckan_answer import CkanError, CkanNotFound, CkanUnavailable
from api.interchange.ckan_tags import tag_refusal


class Wanted(NamedTuple):
    """What a dataset's tags should say.

    Attributes:
        identifier: CKAN's id of the dataset.
        labels: the approved labels.
        pushed: labels that this service wrote there before; only these are ever removed.
    """

    identifier: str
    labels: tuple[str, ...]
    pushed: frozenset[str] = frozenset()


class Change(NamedTuple):
    """The difference between what the portal has and what is wanted.

    Attributes:
        tags: the whole new list, as `package_patch` takes it; the portal's own tags keep their places.
        modified: when the portal last changed the dataset, as it was read.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    tags: list[dict[str, str]]
    modified: str

    @property
    def is_needed(self) -> bool:
        """Whether there is a difference."""
        return bool(self.added or self.removed)


class Outcome(NamedTuple):
    """What became of one dataset.

    Attributes:
        title: as the portal shows it, empty where it was not read.
        status: changed, planned (nothing was written), unchanged, absent (not on this portal) or failed.
        added, removed: labels written or, where it is planned, to be written.
        reread: whether the portal changed it between reading and writing, so that it was read again.
        error: why it failed, in 繁體中文.
    """

    identifier: str
    status: str
    title: str = ""
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    reread: bool = False
    error: str | None = None


def plan(package: dict[str, Any], wanted: Wanted) -> Change:
    """What has to change. Labels that cannot be CKAN tags (`tag_refusal`) are left out; tell of them apart.

    A label that stands there already, also as a tag of a vocabulary, is not added. Removed is only a free tag
    that this service wrote and that is no longer approved.

    Args:
        package: as `package_show` gives it.

    Raises:
        CkanError: it says nothing of tags.
    """
    tags = _tags(package)
    present = {tag["name"] for tag in tags}
    free = {tag["name"] for tag in tags if "vocabulary_id" not in tag}
    added = [
        label for label in dict.fromkeys(wanted.labels) if label not in present and not tag_refusal(label)
    ]
    removed = sorted((wanted.pushed & free) - set(wanted.labels))
    kept_tags = [tag for tag in tags if "vocabulary_id" in tag or tag["name"] not in removed]
    return Change(
        tuple(added),
        tuple(removed),
        [*kept_tags, *({"name": label} for label in added)],
        str(package.get("metadata_modified")),
    )


def push_one(client: CkanClient, wanted: Wanted, *, dry_run: bool = False) -> Outcome:
    """Bring one dataset's tags up to date. Repeating it changes nothing.

    CKAN has no condition on `package_patch`, so the dataset is read again right before it is written; where
    `metadata_modified` differs the change is worked out anew from that. Afterwards it is read once more, to
    see that the tags stand.

    Raises:
        CkanError: it cannot be read or written; `CkanUnavailable` and `NotCkan` speak of the whole portal.
    """
    package = _find(client, wanted.identifier)
    if package is None:
        return Outcome(wanted.identifier, "absent")
    title = str(package.get("title") or package.get("name") or "")
    change = plan(package, wanted)
    if not change.is_needed:
        return Outcome(wanted.identifier, "unchanged", title)
    if dry_run:
        return Outcome(wanted.identifier, "planned", title, change.added, change.removed)
    package = _find(client, wanted.identifier)
    if package is None:
        return Outcome(wanted.identifier, "absent", title)
    fresh = plan(package, wanted)
    reread = fresh.modified != change.modified
    if not fresh.is_needed:
        return Outcome(wanted.identifier, "unchanged", title, reread=reread)
    _write(client, wanted, fresh)
    return Outcome(wanted.identifier, "changed", title, fresh.added, fresh.removed, reread)


def _find(client: CkanClient, identifier: str) -> dict[str, Any] | None:
    """The dataset of this id; None where the portal has none, or has deleted it or not yet published it."""
    try:
        package = client.package_show(identifier)
    except CkanNotFound:
        return None
    # CKAN also finds datasets by name; a foreign one of that name must not be touched.
    if package.get("id") != identifier or package.get("state", "active") != "active":
        return None
    return package


def _write(client: CkanClient, wanted: Wanted, change: Change) -> None:
    lost: CkanUnavailable | None = None
    try:
        client.package_patch(wanted.identifier, change.tags)
    except CkanUnavailable as error:
        if not error.unknown:
            raise
        lost = error
    package = _find(client, wanted.identifier)
    if package is None or not _stands(_tags(package), change):
        raise lost or CkanError("寫入後再讀，標籤並未如寫入的內容，可能同時有人編輯。請稍後再執行一次。")


def _stands(tags: list[dict[str, str]], change: Change) -> bool:
    gone = [{"name": label} for label in change.removed]
    return all(tag in tags for tag in change.tags) and not any(tag in tags for tag in gone)


def _tags(package: dict[str, Any]) -> list[dict[str, str]]:
    tags = package.get("tags")
    if not isinstance(tags, list):
        # Written back without them they would be lost.
        raise CkanError("平臺的回應沒有標籤欄位（tags），為免清空原有標籤，未寫入。請洽平臺管理者。")
    return [kept for tag in tags if (kept := _kept(tag))]


def _kept(tag: object) -> dict[str, str] | None:
    """A tag of the portal as it is sent back: its name and its vocabulary; CKAN fills in the rest."""
    if not isinstance(tag, dict) or not isinstance(tag.get("name"), str):
        return None
    vocabulary = tag.get("vocabulary_id")
    return {"name": tag["name"]} | ({"vocabulary_id": str(vocabulary)} if vocabulary else {})
