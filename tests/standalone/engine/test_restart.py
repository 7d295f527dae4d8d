"""What a restart keeps, the sensors, and the command line."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import requests

from standalone.app import App
from tests.standalone.engine.conftest import WORKS


def test_a_restart_keeps_executions_and_marks_as_abandoned_what_ran(tmp_path: Path) -> None:
    with App([WORKS], tmp_path, sensors=False, timers=False) as app:
        ended = app.executions.wait(app.executions.request("core.noop")["id"])
        delayed = app.executions.request("core.noop", delay=60)["id"]
        app.keys.set("kept", "yes")
    with App([WORKS], tmp_path, sensors=False, timers=False) as app:
        assert app.executions.get(ended["id"]) == ended
        assert app.executions.get(delayed)["status"] == "abandoned"
        assert app.keys.text("kept") == "yes"


def test_a_killed_process_leaves_executions_that_the_next_one_abandons(tmp_path: Path) -> None:
    first = App([WORKS], tmp_path, sensors=False, timers=False)
    with first:
        id = first.executions.request("core.noop", delay=60)["id"]
        with App([WORKS], tmp_path, sensors=False, timers=False) as app:
            assert app.executions.get(id)["status"] == "abandoned"
            assert "end_timestamp" in app.executions.get(id)


def test_a_sensor_sees_its_folder_but_not_the_actions_library(tmp_path: Path) -> None:
    told: list[dict] = []
    heard = threading.Event()

    def observe(one: dict) -> None:
        if one["action"]["ref"] == "works.echo" and one["status"] == "succeeded":
            told.append(one)
            heard.set()

    app = App([WORKS], tmp_path, timers=False, api_key="secret")
    app.executions.observers.append(observe)
    with app:
        assert heard.wait(20)
        assert app.keys.text("works.Ticker:polls") == "4"
    path = told[0]["parameters"]["many"]
    assert str(WORKS / "sensors") in path
    assert str(WORKS / "actions" / "lib") not in path


def test_the_command_line_serves_until_it_is_told_to_end(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "standalone", "--pack", str(WORKS), "--data", str(tmp_path)]
    process = subprocess.Popen(
        [*command, "--json", "--no-sensors"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        said = json.loads(process.stdout.readline())
        assert said["packs"] == ["works"]
        answer = requests.get(f"{said['url']}/v1/actions/works.answer", timeout=10)
        assert answer.json()["ref"] == "works.answer"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
