"""The datastore as actions and sensors see it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from st2common.services.api import HTTPError, call

SYSTEM_SCOPE = "system"


class KeyValuePair:
    """One key: `name`, `value` and the other fields of the API as attributes."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.__dict__.update(fields)
        self.name: str = fields["name"]
        self.value: str = fields["value"]

    def __repr__(self) -> str:
        return f"<KeyValuePair name={self.name},value={self.value}>"


class DatastoreService:
    """Reads and writes keys; `local` ones begin with the pack and the class, and a colon."""

    def __init__(self, logger: Any, pack_name: str, class_name: str) -> None:
        self._logger = logger
        self._prefix = f"{pack_name}.{class_name}:"

    def get_user_info(self) -> Any:
        """Who this process is to the API."""
        return call("GET", "/v1/user")

    def list_values(
        self,
        local: bool = True,
        prefix: str | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> list[KeyValuePair]:
        """Keys by prefix; without a limit the first page (100), whether there are more or not."""
        whole = (self._prefix if local else "") + (prefix or "")
        given = {"prefix": whole or None, "limit": limit, "offset": offset}
        query = urlencode({name: value for name, value in given.items() if value is not None})
        pairs = call("GET", "/v1/keys?" + query)
        return [KeyValuePair(fields) for fields in pairs]

    def get_value(
        self, name: str, local: bool = True, scope: str = SYSTEM_SCOPE, decrypt: bool = False
    ) -> str | None:
        """The text; None when there is no such key, and when anything else went wrong."""
        self._check(scope)
        query = urlencode({"scope": scope, "decrypt": str(bool(decrypt)).lower()})
        try:
            fields = call("GET", f"/v1/keys/{self._name(name, local)}?{query}")
        except Exception:
            self._log().exception("Exception retrieving value from datastore: %s", name)
            return None
        return KeyValuePair(fields).value

    def set_value(
        self,
        name: str,
        value: Any,
        ttl: int | None = None,
        local: bool = True,
        scope: str = SYSTEM_SCOPE,
        encrypt: bool = False,
    ) -> bool:
        """Writes `str(value)`. Raises what the API refuses."""
        self._check(scope)
        key = self._name(name, local)
        body = {"name": key, "value": str(value), "scope": scope}
        if ttl:
            body["ttl"] = ttl
        if encrypt:
            body["secret"] = True
        call("PUT", f"/v1/keys/{key}", body)
        return True

    def delete_value(self, name: str, local: bool = True, scope: str = SYSTEM_SCOPE) -> bool:
        """True also when there was no such key; False when anything went wrong."""
        self._check(scope)
        query = urlencode({"scope": scope})
        try:
            call("DELETE", f"/v1/keys/{self._name(name, local)}?{query}")
        except HTTPError as error:
            if error.status != 404:
                self._log().exception("Exception deleting value from datastore: %s", name)
            return error.status == 404
        except Exception:
            self._log().exception("Exception deleting value from datastore: %s", name)
            return False
        return True

    def _name(self, name: str, local: bool) -> str:
        return self._prefix + name if local else name

    def _log(self) -> Any:
        return self._logger() if callable(self._logger) else self._logger

    @staticmethod
    def _check(scope: str) -> None:
        if scope != SYSTEM_SCOPE:
            raise ValueError(f"Scope {scope} is unsupported.")
