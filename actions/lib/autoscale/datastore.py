"""StackStorm's datastore, reached through an action's or a sensor's service."""
from __future__ import annotations

import logging
from typing import Any

PAGE = 100
"""Keys in an answer when no limit is given (StackStorm's api.max_page_size)."""

_log = logging.getLogger(__name__)


class DatastoreError(Exception):
    """StackStorm's datastore did not take a change."""


class StackStormDatastore:
    """Text under names in the system scope. ``service`` is the action_service or sensor_service.

    Reading goes through lists only: a single get answers None both for a key that is missing and
    for an API that fails, and nothing may be concluded from that.
    """

    def __init__(self, service: Any) -> None:
        self._service = service

    def list(self, prefix: str) -> dict[str, str]:
        """All keys of the prefix: in one request for an admin, else in pages."""
        found = self._whole(prefix)
        if found is not None and (not found or len(found) % PAGE):
            return found
        found = found or {}
        while True:  # a full last page may hide another one
            page = self._texts(prefix, offset=len(found))
            if page.keys() <= found.keys():
                return found
            found.update(page)

    def _whole(self, prefix: str) -> dict[str, str] | None:
        """All keys in one answer, or None where that is not allowed."""
        try:
            return self._texts(prefix, limit=-1)
        except Exception as error:  # StackStorm's client raises what its HTTP library raises
            _log.debug("the whole list is refused (%s): reading pages", type(error).__name__)
            return None

    def _texts(self, prefix: str, **page: int) -> dict[str, str]:
        pairs = self._service.list_values(local=False, prefix=prefix, **page) or []
        return {pair.name: pair.value for pair in pairs}

    def get(self, name: str) -> str | None:
        return self.list(name).get(name)

    def set(self, name: str, text: str) -> None:
        self._service.set_value(name, text, local=False)

    def delete(self, name: str) -> None:
        if self._service.delete_value(name, local=False) is False:
            raise DatastoreError(f"the key {name} could not be deleted: see StackStorm's API log")

    def set_secret(self, name: str, text: str) -> None:
        try:
            self._service.set_value(name, text, local=False, encrypt=True)
        except Exception as error:  # its text could hold what was to be kept secret
            raise DatastoreError(
                f"StackStorm did not encrypt the key {name} ({type(error).__name__}): does its "
                "st2.conf name an encryption_key_path in the section keyvalue?") from None

    def secret(self, name: str) -> str | None:
        text = self._service.get_value(name, local=False, decrypt=True)
        return None if text is None else str(text)
