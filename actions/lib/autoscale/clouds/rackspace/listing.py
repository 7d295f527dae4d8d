"""The lists of Cloud Servers: servers, images, flavors."""
from __future__ import annotations

from typing import Any

from autoscale.clouds.rackspace.identity import SERVERS
from autoscale.clouds.rackspace.paging import Item, MarkedPage, by_marker, identified, next_marker
from autoscale.clouds.rackspace.session import Session

PAGE = 1000


def listing(session: Session, key: str, what: str) -> list[Item]:
    """All ``servers``, ``images`` or ``flavors`` in full, every page, or an error."""

    def decode(body: Any) -> MarkedPage:
        items = identified(body[key])
        return items, next_marker(items, body.get(f"{key}_links"), PAGE)

    def page(marker: str | None) -> MarkedPage:
        params = [("limit", str(PAGE))] + ([("marker", marker)] if marker else [])
        return session.read(SERVERS, f"/{key}/detail", decode, what, params)

    return by_marker(page, what)
