"""Groups in the datastore: reading them whole, writing what has changed."""
from __future__ import annotations

from typing import Any, Iterable, Mapping

from autoscale.core import keys
from autoscale.core.events import Event, append
from autoscale.core.group import Group
from autoscale.seams import Datastore


def load(store: Datastore, name: str) -> Group | None:
    """The group, or None. Raises keys.Unreadable unless it is to be deleted anyway."""
    fields = texts(store, name)
    return _read(name, fields, store.get(keys.SSH_KEY) or "") if _is_there(fields) else None


def _is_there(fields: Mapping[str, str]) -> bool:
    """Whether these are a group's keys: not of one that is only half written down."""
    return "desired_nodes" in fields or "deleted" in fields


def _read(name: str, fields: Mapping[str, str], ssh_pub_key: str = "") -> Group:
    try:
        return keys.read(name, fields, ssh_pub_key)
    except keys.Unreadable:
        if fields.get("deleted") == "True":
            return keys.read_for_deletion(name, fields)
        raise


def texts(store: Datastore, name: str) -> dict[str, str]:
    """The group's keys as they are: ``{field: text}``."""
    return keys.by_group(store.list(keys.key(name, ""))).get(name, {})


def load_all(store: Datastore) -> tuple[list[Group], list[keys.Unreadable]]:
    """Every group that can be read, and why the others can't, from one listing."""
    return read_all(keys.by_group(store.list(keys.PREFIX)))


def read_all(
    found: Mapping[str, Mapping[str, str]]
) -> tuple[list[Group], list[keys.Unreadable]]:
    """The groups in ``{group: {field: text}}``, and why the others can't be read."""
    known, unreadable = [], []
    for name, fields in sorted(found.items()):
        try:
            if _is_there(fields):
                known.append(_read(name, fields))
        except keys.Unreadable as error:
            unreadable.append(error)
    return known, unreadable


def save(store: Datastore, group: Group | None, name: str, changes: Mapping[str, Any]) -> None:
    """Write these fields, in their order, but for those that have that value already."""
    for field, text in keys.write(changes).items():
        if group is None or getattr(group, field) != changes[field]:
            store.set(keys.key(name, field), text)


def record(store: Datastore, name: str, field: str, events: Iterable[Event]) -> None:
    """Add to the group's history; ``field`` is events.DECIDED or events.CONVERGED."""
    new = list(events)
    if new:
        place = keys.key(name, field)
        store.set(place, append(store.get(place), new))


def forget(store: Datastore, name: str) -> None:
    """Delete every key of the group; ``deleted`` goes last, so that a death half way is seen.

    Looks once more in the end: the governor may have written meanwhile how far events were told.
    """
    for _ in range(2):
        for field in sorted(texts(store, name), key=lambda field: field == "deleted"):
            store.delete(keys.key(name, field))


def forget_deleted(store: Datastore, name: str) -> dict[str, Any]:
    """Delete the keys of a group that is to be deleted and is gone from the cloud."""
    if texts(store, name).get("deleted") == "True":
        forget(store, name)
    return {"message": f"{name} is deleted: nothing is left of it"}
