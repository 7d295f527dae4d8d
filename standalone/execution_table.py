"""Executions in the database."""

from __future__ import annotations

import json
from typing import Any, Iterable

from standalone.documents import ACTIVE
from standalone.store import Store

_TABLE = """
CREATE TABLE IF NOT EXISTS executions (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, action TEXT NOT NULL,
    status TEXT NOT NULL, parent TEXT, user TEXT, trigger_instance TEXT, rule TEXT,
    start TEXT NOT NULL, document TEXT NOT NULL
)
"""
_PARENTS = "CREATE INDEX IF NOT EXISTS executions_parent ON executions (parent)"
_STATUSES = "CREATE INDEX IF NOT EXISTS executions_status ON executions (status)"

_FILTERS = {
    "action": "action = ?",
    "status": "status = ?",
    "parent": "parent = ?",
    "user": "user = ?",
    "trigger_instance": "trigger_instance = ?",
    "rule": "rule = ?",
    "timestamp_gt": "start > ?",
    "timestamp_lt": "start < ?",
}


class ExecutionTable:
    """Documents by id. `children` (ids) is filled in when a document is read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        store.create(_TABLE, _PARENTS, _STATUSES)

    def insert(self, document: dict[str, Any]) -> None:
        context = document["context"]
        values = (
            document["id"],
            document["action"]["ref"],
            document["status"],
            document.get("parent"),
            context.get("user"),
            (context.get("trigger_instance") or {}).get("id"),
            (context.get("rule") or {}).get("ref"),
            document["start_timestamp"],
            json.dumps(document),
        )
        with self._store.transaction() as connection:
            connection.execute(
                "INSERT INTO executions (id, action, status, parent, user, trigger_instance, rule,"
                " start, document) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )

    def update(self, document: dict[str, Any]) -> None:
        with self._store.transaction() as connection:
            connection.execute(
                "UPDATE executions SET status = ?, document = ? WHERE id = ?",
                (document["status"], json.dumps(document), document["id"]),
            )

    def get(self, id: str) -> dict[str, Any] | None:
        rows = self._store.query("SELECT document FROM executions WHERE id = ?", (id,))
        return self._documents(rows)[0] if rows else None

    def children(self, id: str) -> list[dict[str, Any]]:
        """Of one execution, oldest first."""
        return self._documents(
            self._store.query(
                "SELECT document FROM executions WHERE parent = ? ORDER BY number", (id,)
            )
        )

    def active(self) -> list[dict[str, Any]]:
        """Those that an earlier process did not bring to an end."""
        marks = ", ".join("?" * len(ACTIVE))
        return self._documents(
            self._store.query(
                f"SELECT document FROM executions WHERE status IN ({marks}) ORDER BY number", ACTIVE
            )
        )

    def find(
        self, limit: int, offset: int, ascending: bool, filters: dict[str, Any]
    ) -> tuple[list[dict[str, Any]], int]:
        """One page, and how many there are in all."""
        given = {name: value for name, value in filters.items() if value is not None}
        unknown = sorted(set(given) - set(_FILTERS))
        if unknown:
            raise ValueError(f"executions have no filter {', '.join(unknown)}")
        parts = ["parent IS NULL"] if given.get("parent") == "null" else []
        if parts:
            del given["parent"]
        parts += [_FILTERS[name] for name in given]
        where = " WHERE " + " AND ".join(parts) if parts else ""
        values = tuple(given.values())
        count = self._store.query(f"SELECT count(*) FROM executions{where}", values)[0][0]
        order = "ASC" if ascending else "DESC"
        rows = self._store.query(
            f"SELECT document FROM executions{where} ORDER BY number {order} LIMIT ? OFFSET ?",
            (*values, limit, offset),
        )
        return self._documents(rows), count

    def _documents(self, rows: Iterable[Any]) -> list[dict[str, Any]]:
        documents = [json.loads(row["document"]) for row in rows]
        marks = ", ".join("?" * len(documents))
        children = self._store.query(
            f"SELECT parent, id FROM executions WHERE parent IN ({marks}) ORDER BY number",
            tuple(one["id"] for one in documents),
        )
        for one in documents:
            one["children"] = [row["id"] for row in children if row["parent"] == one["id"]]
        return documents
