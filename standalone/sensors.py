"""Runs each sensor of the packs in a process of its own."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

from standalone.resources import Sensor
from standalone.runners.python_script import STACKSTORM

if TYPE_CHECKING:
    from standalone.app import App

LOG = logging.getLogger(__name__)

RESPAWNS = 2
SECONDS_PER_RESPAWN = 2.5
STEADY_AFTER = 10
"""A sensor that ran for so many seconds has its respawns again."""

USER = "stanley"


class SensorProcess:
    """One sensor: started, and started again when it dies, but not for ever."""

    def __init__(self, app: App, sensor: Sensor) -> None:
        self._app, self._sensor = app, sensor
        self._process: subprocess.Popen[bytes] | None = None
        self._respawns = 0
        self._stopped = False
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """Of the process that runs now."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> None:
        """Starts the process; its end is waited for in a thread."""
        with self._lock:
            if self._stopped:
                return
            token = self._app.tokens.issue(USER)
            self._process = subprocess.Popen(
                [sys.executable, "-u", str(STACKSTORM / "run_sensor.py")],
                stdin=subprocess.PIPE,
                cwd="/",
                env=self._environment(token),
            )
            assert self._process.stdin
            self._process.stdin.write(self._description())
            self._process.stdin.flush()
        watch = threading.Thread(
            target=self._watch, args=(self._process, token), name=self._sensor.ref, daemon=True
        )
        watch.start()

    def stop(self) -> None:
        """Ends it for good."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.kill()
                self._process.wait()

    def _environment(self, token: str) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return {**inherited, **self._app.api_access(token)}

    def _description(self) -> bytes:
        sensor = self._sensor
        given = {
            "pack": sensor.pack,
            "file": str(sensor.entry_path),
            "class_name": sensor.class_name,
            "config": self._app.pack_config(sensor.pack, USER),
            "poll_interval": self._app.poll_interval or sensor.poll_interval,
        }
        return json.dumps(given).encode() + b"\n"

    def _watch(self, process: subprocess.Popen[bytes], token: str) -> None:
        began = time.monotonic()
        exit_code = process.wait()
        self._app.tokens.revoke(token)
        assert process.stdin
        process.stdin.close()
        if self._stopped or exit_code == 0:
            return
        if time.monotonic() - began >= STEADY_AFTER:
            self._respawns = 0
        if self._respawns == RESPAWNS:
            LOG.error("the sensor %s died once more (%s): left dead", self._sensor.ref, exit_code)
            return
        self._respawns += 1
        LOG.warning("the sensor %s died (%s), starting it again", self._sensor.ref, exit_code)
        self._app.alarms.after(SECONDS_PER_RESPAWN * self._respawns, self.start)


class Sensors:
    """The sensors' processes, by the sensor's ref."""

    def __init__(self, app: App, run: bool) -> None:
        enabled = [one for pack in app.packs.values() for one in pack.sensors if one.enabled]
        self._processes = {one.ref: SensorProcess(app, one) for one in enabled} if run else {}

    def start(self) -> None:
        """Starts a process for each enabled sensor."""
        for process in self._processes.values():
            process.start()

    def stop(self) -> None:
        """Ends them all."""
        for process in self._processes.values():
            process.stop()

    def pid(self, ref: str) -> int | None:
        """The process that runs this sensor now."""
        process = self._processes.get(ref)
        return process.pid if process else None
