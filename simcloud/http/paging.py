"""One page of a listing, after each service's own fashion."""
from __future__ import annotations

from typing import Any, Callable, Sequence, TypeVar
from urllib.parse import urlencode

from flask import request

from simcloud.errors import Refused
from simcloud.http.exchange import number, root, the_region

Entry = TypeVar("Entry")


def marked(
    entries: Sequence[Entry], key: Callable[[Entry], Any], most: int, inclusive: bool = False
) -> tuple[Sequence[Entry], bool]:
    """The page after `marker` (with it, if inclusive) and whether it is as long as it may be."""
    wanted = number("limit")
    limit = most if wanted is None else min(wanted, most)
    start = 0
    marker = request.args.get("marker")
    if marker:
        start = _position(entries, key, marker) + (0 if inclusive else 1)
    page = truncated(entries[start : start + limit])
    return page, 0 < limit == len(page)


def counted(entries: Sequence[Entry], most: int) -> tuple[Sequence[Entry], list[dict[str, str]]]:
    """The page of `limit` entries from `offset`, and links to its neighbours."""
    wanted, offset = number("limit"), number("offset") or 0
    limit = most if not wanted else min(wanted, most)
    page = truncated(entries[offset : offset + limit])
    neighbours = {}
    if offset + limit < len(entries) and len(page) == limit:
        neighbours["next"] = offset + limit
    if offset:
        neighbours["previous"] = max(0, offset - limit)
    return page, [_link(rel, limit, start) for rel, start in neighbours.items()]


def truncated(page: Sequence[Entry]) -> Sequence[Entry]:
    """The page, or what a fault leaves of it."""
    fault = the_region().twist("truncate")
    return page if fault is None else page[: fault.keep]


def next_link(**changed: Any) -> str:
    """The URL of this request with other parameters."""
    query = urlencode({**request.args.to_dict(), **changed})
    return f"{root()}{request.path}?{query}"


def _position(entries: Sequence[Entry], key: Callable[[Entry], Any], marker: str) -> int:
    for position, entry in enumerate(entries):
        if str(key(entry)) == marker:
            return position
    raise Refused(400, f"marker [{marker}] not found")


def _link(rel: str, limit: int, offset: int) -> dict[str, str]:
    return {"rel": rel, "content": "", "href": next_link(limit=limit, offset=offset)}
