"""Lists that come in pages. A list is whole or it is an error, never a part."""
from __future__ import annotations

from typing import Any, Callable, Iterable, Optional, Sequence, Tuple, TypeVar
from urllib.parse import parse_qs, quote, urlsplit

from autoscale.clouds.rackspace.shapes import required
from autoscale.seams import CloudError, Refused

T = TypeVar("T")
Item = Any
MarkedPage = Tuple[Sequence[Item], Optional[str]]
CountedPage = Tuple[Sequence[Item], Optional[int]]


def segment(text: str) -> str:
    """An id or a name as one part of a path."""
    return quote(text, safe="")


def identified(items: object) -> list[Item]:
    """A page's items, each with its id as text. Raises what a session's decoding may raise."""
    if not isinstance(items, list):
        raise TypeError("there is no list in it")
    return [{**item, "id": required(item, "id")} for item in items]


def next_marker(items: Sequence[Item], links: object, limit: int) -> str | None:
    """The marker of the next page: the next link's, or the last id of a full page.

    Only the marker is taken from a link: the request goes to the catalog's host. More items than
    asked for means that the service does not page at all. Raises ValueError for a next link
    without a marker.
    """
    for link in links if isinstance(links, list) else ():
        if link["rel"] == "next":
            marker = parse_qs(urlsplit(str(link["href"])).query).get("marker")
            if not marker:
                raise ValueError("the link to the next page has no marker")
            return marker[0]
    return items[-1]["id"] if len(items) == limit else None


def by_marker(page: Callable[[str | None], MarkedPage], what: str) -> list[Item]:
    """Every item, once. The page after a marker may begin with the marker's own item."""
    items: dict[str, Item] = {}
    markers: set[str] = set()
    marker: str | None = None
    while True:
        found, following = _page_after(page, marker, what)
        _add(items, found)
        if following is None:
            return list(items.values())
        if following in markers:
            raise CloudError(f"could not {what}: its pages go round in circles; try again later")
        markers.add(following)
        marker = following


def _page_after(
    page: Callable[[str | None], MarkedPage], marker: str | None, what: str
) -> MarkedPage:
    try:
        return page(marker)
    except Refused as error:
        if marker is None:
            raise
        # The thing that the marker names can be deleted while its list is read.
        raise CloudError(f"could not {what}: it changed while it was read ({error})") from None


def by_offset(page: Callable[[int], CountedPage], limit: int, what: str) -> list[Item]:
    """Every item, once; read again if the list changed meanwhile, for then some were skipped."""
    for _ in range(3):
        items, total = _all_offsets(page, limit)
        if total is None or total == len(items):
            return items
    raise CloudError(f"could not {what}: the list changes while it is read; try again later")


def _all_offsets(
    page: Callable[[int], CountedPage], limit: int
) -> tuple[list[Item], int | None]:
    items: dict[str, Item] = {}
    offset = 0
    while True:
        found, total = page(offset)
        fresh = _add(items, found)
        offset += len(found)
        whole = offset >= total if total is not None else len(found) < limit
        if whole or not fresh:
            return list(items.values()), total


def _add(items: dict[str, Item], found: Iterable[Item]) -> int:
    before = len(items)
    for item in found:
        items.setdefault(item["id"], item)
    return len(items) - before


def each_batch(
    items: Sequence[T],
    size: int,
    act: Callable[[Sequence[T]], None],
    between: Callable[[], None] = lambda: None,
) -> None:
    """Act on the items, at most ``size`` at a time, and do something ``between`` two batches.

    An error keeps its type, but is no longer certain once an earlier batch has taken effect.
    """
    for start in range(0, len(items), size):
        try:
            if start:
                between()
            act(items[start : start + size])
        except CloudError as error:
            error.certain = error.certain and start == 0
            raise
