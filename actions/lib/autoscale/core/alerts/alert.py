"""What monitors say, as values, and the small readers that every parser shares."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Collection, Iterable, Mapping, Union

from autoscale.core import texts
from autoscale.core.group import Group

_CRITICAL = frozenset({"critical", "page", "error"})


class Malformed(ValueError):
    """The body is nothing that we know; the text says what is missing."""


@dataclass(frozen=True)
class Alert:
    """Something a monitor says of an application, or of servers.

    ``state``: open or closed. ``severity``: critical or warning. ``servers``: names of the servers
    that it is about, when it names no application. One that names neither concerns no group.
    """

    application: str
    state: str
    severity: str
    source: str
    text: str
    servers: tuple[str, ...] = ()

    def concerns(self, group: Group) -> bool:
        """Whether the group serves exactly this application, or has one of these servers."""
        if self.application:
            return group.application_name == self.application
        return any(
            name == group.application_name or name in group.members
            or name.lower().endswith("." + group.zone_name) for name in self.servers
        )

    def weight(self, group: Group) -> int:
        """How much it counts beside other alerts of the same moment that concern the group.

        What makes the group expand beats what has ended, which beats what is only told.
        """
        if self.state == "closed":
            return 1
        if self.severity == "critical":
            return 3
        return 2 if group.expand_on == "warning" else 0


@dataclass(frozen=True)
class Capacity:
    """An outside controller's wish: exactly so many nodes for the group of this name."""

    group: str
    nodes: int
    source: str
    text: str


Said = Union[Alert, Capacity]


def mapping(given: Any, what: str) -> Mapping[str, Any]:
    """It, when it is an object; ``what`` names it in the complaint."""
    if not isinstance(given, Mapping):
        raise Malformed(f"{what} is not an object")
    return given


def word(body: Mapping[str, Any], field: str, meanings: Mapping[str, str]) -> str:
    """What the field means, whatever the case of its letters."""
    given = body.get(field)
    known = {name.lower(): meaning for name, meaning in meanings.items()}
    try:
        return known[given.strip().lower() if isinstance(given, str) else ""]
    except KeyError:
        raise Malformed(f"{field} is none of {', '.join(meanings)}") from None


def severity(given: Any, critical: Collection[str] = _CRITICAL) -> str:
    """Critical when it is one of these words; whatever else there may be is a warning."""
    urgent = isinstance(given, str) and given.strip().lower() in critical
    return "critical" if urgent else "warning"


def names(given: Any) -> tuple[str, ...]:
    """Names in a list, each once, or one name."""
    listed: Iterable[Any] = given if isinstance(given, list) else [given]
    words = (_storable(name).strip() for name in listed if isinstance(name, str))
    return tuple(dict.fromkeys(filter(None, words)))


def name(*given: Any) -> str:
    """The first of these that is a name, or nothing."""
    return next((found for one in given for found in names(one)[:1]), "")


def sentence(*given: Any) -> str:
    """The first of these that says something, as one line of a bearable length."""
    return texts.line([name(*given)], 200)


def _storable(text: str) -> str:
    """The text without the halves of characters that JSON allows and UTF-8 does not."""
    return text.encode("utf-8", "replace").decode("utf-8")
