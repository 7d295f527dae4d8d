"""The datastore: text by name, as StackStorm keeps it."""

from __future__ import annotations

import sqlite3
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Callable, Iterable

from standalone.crypto import ServerKey
from standalone.errors import NotFoundError, RequestError
from standalone.store import Store

_TABLE = """
CREATE TABLE IF NOT EXISTS keys (
    scope TEXT NOT NULL, user TEXT NOT NULL, name TEXT NOT NULL,
    value TEXT NOT NULL, secret INTEGER NOT NULL, expires REAL,
    PRIMARY KEY (scope, user, name)
)
"""
SCOPES = ("system", "user")


def scope_name(given: str | None) -> str:
    """`system` or `user`, from either of StackStorm's spellings. Raises RequestError."""
    short = (given or "system").rpartition("st2kv.")[2]
    if short not in SCOPES:
        raise RequestError(f'Scope "{given}" is not valid. Valid scopes are {list(SCOPES)}.')
    return short


class KeyStore:
    """Keys of the scopes `system` and `user`; those of a user belong to one name."""

    def __init__(
        self,
        store: Store,
        server_key: Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store, self._clock = store, clock
        self._key = ServerKey.from_json(server_key.read_text()) if server_key else None
        store.create(_TABLE)

    def get(
        self, name: str, scope: str = "system", user: str = "", *, decrypt: bool = False
    ) -> dict[str, Any]:
        """The document of one key. Raises NotFoundError."""
        row = self._row(name, scope, user)
        if row is None:
            raise NotFoundError(f"Unable to find key {name} in the scope {scope}.")
        return self._document(row, decrypt)

    def set(
        self,
        name: str,
        value: Any,
        *,
        scope: str = "system",
        user: str = "",
        ttl: float | None = None,
        secret: bool = False,
        encrypted: bool = False,
    ) -> dict[str, Any]:
        """Writes a key; `secret` encrypts the text, `encrypted` says that it already is.

        Without a ttl (seconds) an earlier expiry stays, though the answer doesn't show it.
        """
        if not isinstance(value, str):
            raise RequestError(f"{value!r} is not of type 'string'")
        text = self._stored(name, value, secret, encrypted)
        expires = self._clock() + ttl if ttl else None
        self._write(scope, user, name, text, secret or encrypted, expires)
        row = self._row(name, scope, user)
        assert row is not None
        document = self._document(row, decrypt=False)
        document.pop("expire_timestamp", None)
        return {**document, **_expiry(expires)}

    def delete(self, name: str, scope: str = "system", user: str = "") -> None:
        """Raises NotFoundError when there is no such key."""
        self.get(name, scope, user)
        with self._store.transaction() as connection:
            connection.execute(
                "DELETE FROM keys WHERE scope = ? AND user = ? AND name = ?",
                (scope, self._owner(scope, user), name),
            )

    def list(
        self,
        prefix: str = "",
        scope: str = "system",
        user: str = "",
        *,
        limit: int = 100,
        offset: int = 0,
        decrypt: bool = False,
    ) -> tuple[list[dict[str, Any]], int]:
        """A page of keys by name, and how many there are in all; a limit of -1 is all of them.

        The scope `all` is the system's keys and this user's.
        """
        chosen = SCOPES if scope == "all" else (scope,)
        rows = [row for one in chosen for row in self._rows(one, user, prefix)]
        page = rows[offset:] if limit < 0 else rows[offset : offset + limit]
        return [self._document(row, decrypt) for row in page], len(rows)

    def text(self, name: str, scope: str = "system", user: str | None = None) -> str | None:
        """The value as it is stored, or None."""
        row = self._row(name, scope, user or "")
        return row["value"] if row else None

    def decrypted(self, text: str) -> str:
        """The plain text of an encrypted value. Raises RequestError."""
        try:
            return self._server_key("").decrypt(text)
        except ValueError as error:
            raise RequestError(str(error)) from error

    @staticmethod
    def _owner(scope: str, user: str) -> str:
        return user if scope == "user" else ""

    def _server_key(self, name: str) -> ServerKey:
        if self._key is None:
            raise RequestError(
                f"Crypto key not found. Unable to encrypt / decrypt value for key {name}."
            )
        return self._key

    def _stored(self, name: str, value: str, secret: bool, encrypted: bool) -> str:
        if not encrypted:
            return self._server_key(name).encrypt(value) if secret else value
        try:
            self._server_key(name).decrypt(value)
        except ValueError as error:
            raise RequestError(
                f'Failed to verify the integrity of the provided value for key "{name}". '
                "Ensure that the value is encrypted with the correct key and not corrupted."
            ) from error
        return value

    def _write(
        self, scope: str, user: str, name: str, text: str, secret: bool, expires: float | None
    ) -> None:
        with self._store.transaction() as connection:
            connection.execute("DELETE FROM keys WHERE expires <= ?", (self._clock(),))
            connection.execute(
                "INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (scope, user, name) "
                "DO UPDATE SET value = excluded.value, secret = excluded.secret, "
                "expires = coalesce(excluded.expires, expires)",
                (scope, self._owner(scope, user), name, text, secret, expires),
            )

    def _row(self, name: str, scope: str, user: str) -> sqlite3.Row | None:
        rows = self._store.query(
            "SELECT * FROM keys WHERE scope = ? AND user = ? AND name = ?"
            " AND (expires IS NULL OR expires > ?)",
            (scope, self._owner(scope, user), name, self._clock()),
        )
        return rows[0] if rows else None

    def _rows(self, scope: str, user: str, prefix: str) -> Iterable[sqlite3.Row]:
        return self._store.query(
            "SELECT * FROM keys WHERE scope = ? AND user = ? AND substr(name, 1, ?) = ?"
            " AND (expires IS NULL OR expires > ?) ORDER BY name",
            (scope, self._owner(scope, user), len(prefix), prefix, self._clock()),
        )

    def _document(self, row: sqlite3.Row, decrypt: bool) -> dict[str, Any]:
        secret, full = bool(row["secret"]), f"st2kv.{row['scope']}"
        plain = self.decrypted(row["value"]) if secret and decrypt else row["value"]
        document = {
            "name": row["name"],
            "value": plain,
            "scope": full,
            "secret": secret,
            "encrypted": secret and not decrypt,
            "uid": f"key_value_pair:{full}:{row['name']}",
        }
        if row["scope"] == "user":
            document["user"] = row["user"]
        return {**document, **_expiry(row["expires"])}


def _expiry(expires: float | None) -> dict[str, str]:
    if expires is None:
        return {}
    moment = datetime.fromtimestamp(expires, timezone.utc)
    return {"expire_timestamp": moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
