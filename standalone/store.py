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
        self._open: list[tuple[sqlite3.Connection, threading.RLock]] = []
        self._closed = False

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; may be nested, the outermost one commits."""
        with self._connected() as connection, self._writing:
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
        """The rows of one SELECT; they can be read by column name."""
        with self._connected() as connection:
            return connection.execute(sql, parameters).fetchall()

    def close(self) -> None:
        """Closes every thread's connection, once it is not in use: SQLite would crash otherwise.

        Whoever comes later gets a `sqlite3.ProgrammingError`.
        """
        with self._lock:
            self._closed = True
            left = list(self._open)
            self._open.clear()
        for connection, use in left:
            with use:
                connection.close()

    @contextlib.contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection, which nobody closes meanwhile."""
        if not hasattr(self._local, "mine"):
            self._local.mine = self._connect()
        connection, use = self._local.mine
        with use:
            yield connection

    def _connect(self) -> tuple[sqlite3.Connection, threading.RLock]:
        with self._lock:
            if self._closed:
                raise sqlite3.ProgrammingError("the store is closed")
            mine = connected(self._path), threading.RLock()
            self._open.append(mine)
        return mine


def connected(path: Path) -> sqlite3.Connection:
    """A connection that whole statements, or BEGIN and COMMIT, are given to."""
    connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection
