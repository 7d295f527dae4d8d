"""Closing waits for those who are at work, and takes nothing away from under them."""

from __future__ import annotations

import sqlite3
import threading
from datetime import datetime
from pathlib import Path

import requests

from standalone.app import App
from standalone.store import Store
from standalone.triggers import now
from tests.standalone.engine.conftest import WORKS


def begun(work: threading.Thread) -> threading.Thread:
    work.start()
    return work


def test_a_store_is_closed_when_the_last_transaction_has_ended(tmp_path: Path) -> None:
    store = Store(tmp_path / "test.db")
    store.create("CREATE TABLE words (word TEXT)")
    inside, leave = threading.Event(), threading.Event()

    def write() -> None:
        with store.transaction() as connection:
            inside.set()
            assert leave.wait(20)
            connection.execute("INSERT INTO words VALUES ('kept')")

    writing = begun(threading.Thread(target=write))
    assert inside.wait(20)
    closing = begun(threading.Thread(target=store.close))
    closing.join(0.1)
    assert closing.is_alive(), "it waits"
    leave.set()
    writing.join(20)
    closing.join(20)
    (row,) = Store(tmp_path / "test.db").query("SELECT word FROM words")
    assert row["word"] == "kept"


def test_a_closed_store_refuses_everyone(tmp_path: Path) -> None:
    store = Store(tmp_path / "test.db")
    store.create("CREATE TABLE words (word TEXT)")
    store.close()
    refused: list[Exception] = []

    def ask() -> None:
        try:
            store.query("SELECT word FROM words")
        except sqlite3.ProgrammingError as error:
            refused.append(error)

    ask()
    begun(threading.Thread(target=ask)).join(20)
    assert len(refused) == 2, "who had a connection, and who had none yet"


def test_an_app_stops_when_requests_that_are_being_answered_have_ended(tmp_path: Path) -> None:
    app = App([WORKS], tmp_path, sensors=False, timers=False)
    inside, leave = threading.Event(), threading.Event()
    answered: list[int] = []

    def slow() -> datetime:
        inside.set()
        assert leave.wait(20)
        return now()

    def post() -> None:
        answer = requests.post(f"{app.api.url}/v1/internal/dispatch", timeout=30, json={
            "trigger": "core.st2.webhook", "payload": {"headers": {}, "body": {"a": 1}}})
        answered.append(answer.status_code)

    app.triggers.clock = slow
    app.start()
    posting = begun(threading.Thread(target=post))
    assert inside.wait(20)
    stopping = begun(threading.Thread(target=app.stop))
    app.api._thread.join(20)
    assert stopping.is_alive(), "nobody is listened to any more, one is still answered"
    leave.set()
    stopping.join(20)
    posting.join(20)
    assert answered == [202]
