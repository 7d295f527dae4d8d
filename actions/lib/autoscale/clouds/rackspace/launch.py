"""Whether a server can be launched from an image and a flavor."""
from __future__ import annotations

from typing import Sequence

from autoscale.clouds.rackspace.identity import SERVERS
from autoscale.clouds.rackspace.listing import listing
from autoscale.clouds.rackspace.paging import Item, segment
from autoscale.clouds.rackspace.session import Session
from autoscale.seams import AuthenticationFailed, InvalidLaunch, Refused

CANDIDATES = 5  # how many images or flavors an error names


def check(session: Session, kind: str, wanted: str) -> None:
    """Raise InvalidLaunch unless the ``kind`` (image, flavor) of that id can be used.

    Not listed is no proof: an image shared with the account is not in its list.
    """
    known = listing(session, f"{kind}s", f"list the {kind}s")
    found = next((item for item in known if str(item["id"]) == wanted), None)
    if found is None and not _exists(session, kind, wanted):
        raise InvalidLaunch(f"{kind} {wanted} does not exist: {_candidates(kind, known)}")
    state = str((found or {}).get("status") or "ACTIVE").upper()
    if state != "ACTIVE":
        raise InvalidLaunch(f"{kind} {wanted} can't be used: it is {state}, not ACTIVE")


def _exists(session: Session, kind: str, wanted: str) -> bool:
    def decode(body: dict[str, dict[str, object]]) -> bool:
        return str(body[kind]["id"]) == wanted

    try:
        path = f"/{kind}s/{segment(wanted)}"
        return session.read(SERVERS, path, decode, f"look for {kind} {wanted}")
    except AuthenticationFailed:
        raise
    except Refused:
        return False


def _candidates(kind: str, known: Sequence[Item]) -> str:
    named = ", ".join(f"{item['id']} ({item.get('name')})" for item in known[:CANDIDATES])
    rest = f" and {len(known) - CANDIDATES} more" if len(known) > CANDIDATES else ""
    return f"the region's {kind}s are {named}{rest}" if named else f"the region has no {kind}s"
