"""A list of documents in the database, of which only the newest stay."""

from __future__ import annotations

import json
import secrets
from typing import Any, Mapping

from standalone.store import Store

KEPT = 1000


class Journal:
    """Documents by id, newest first."""

    def __init__(self, store: Store, table: str) -> None:
        self._store, self._table = store, table
        store.create(
            f"CREATE TABLE IF NOT EXISTS {table} (number INTEGER PRIMARY KEY AUTOINCREMENT,"
            " id TEXT UNIQUE NOT NULL, document TEXT NOT NULL)"
        )

    def add(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """The document with an id of its own; what is older than the newest `KEPT` goes."""
        kept = {"id": secrets.token_hex(12), **document}
        with self._store.transaction() as connection:
            connection.execute(
                f"INSERT INTO {self._table} (id, document) VALUES (?, ?)",
                (kept["id"], json.dumps(kept)),
            )
            connection.execute(
                f"DELETE FROM {self._table} WHERE number <="
                f" (SELECT max(number) FROM {self._table}) - ?",
                (KEPT,),
            )
        return kept

    def newest(self) -> list[dict[str, Any]]:
        """All of them."""
        rows = self._store.query(f"SELECT document FROM {self._table} ORDER BY number DESC")
        return [json.loads(row["document"]) for row in rows]
