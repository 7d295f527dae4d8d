"""The edge of an action: failures that were to be expected become answers, bugs stay raised."""
from __future__ import annotations

from typing import Any, Callable

from autoscale.core.alerts import Malformed
from autoscale.core.keys import Unreadable
from autoscale.core.requests import BadRequest
from autoscale.core.texts import harmless
from autoscale.datastore import DatastoreError
from autoscale.seams import CloudError

EXPECTED = (BadRequest, CloudError, DatastoreError, Malformed, Unreadable)


def answer(call: Callable[[], dict[str, Any]]) -> tuple[bool, dict[str, Any]]:
    """What StackStorm gets: whether it went well, and a result in which no text is a template."""
    try:
        result = call()
    except EXPECTED as error:
        return False, {"message": harmless(str(error))}
    return not result.get("failed"), harmless(result)
