"""The one SQLite file that holds all that survives a restart."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from pathlib import Path
from typing import Any, Iterator


class Store:
    """A SQLite database that any thread may use.

    Each module creates and owns its tables (`create`), reads with `query` and writes inside
    `transaction`, which is one at a time and commits or rolls back as a whole.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._writing = threading.RLock()
        self._lock = threading.Lock()
        self._open: list[sqlite3.Connection] = []

    def connect(self) -> sqlite3.Connection:
        """This thread's connection; rows can be read by column name."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(
                self._path, timeout=30, isolation_level=None, check_same_thread=False
            )
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            self._local.connection = connection
            with self._lock:
                self._open.append(connection)
        return connection

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; may be nested, the outermost one commits."""
        connection = self.connect()
        with self._writing:
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def create(self, *statements: str) -> None:
        """Runs the statements that make a module's tables (CREATE ... IF NOT EXISTS)."""
        with self.transaction() as connection:
            for statement in statements:
                connection.execute(statement)

    def query(self, sql: str, parameters: Any = ()) -> list[sqlite3.Row]:
        """The rows of one SELECT."""
        return self.connect().execute(sql, parameters).fetchall()

    def close(self) -> None:
        """Closes every thread's connection."""
        with self._lock:
            for connection in self._open:
                connection.close()
            self._open.clear()
