"""Processes with an end: output kept in files, a time limit, and a way to kill them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from typing import IO, Any, Mapping, Sequence

from standalone.alarms import Alarms


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    exit_code: int
    stdout: str
    stderr: str
    timed_out: bool = False


class Process:
    """One process with all that it starts, which is killed with it."""

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        *,
        cwd: str = "/",
        stdin: str = "",
        keep: Sequence[int] = (),
    ) -> None:
        self._timed_out = False
        self._out, self._err = _file(), _file()
        with _file() as given:
            given.write(stdin.encode())
            given.seek(0)
            self._process = subprocess.Popen(
                command,
                env=dict(env),
                cwd=cwd,
                stdin=given,
                stdout=self._out,
                stderr=self._err,
                pass_fds=keep,
                start_new_session=True,
            )

    def wait(self, alarms: Alarms, timeout: float | None) -> Ended:
        """Returns when it has ended; after `timeout` seconds it is killed."""
        alarm = alarms.after(timeout, self._expire) if timeout else None
        exit_code = self._process.wait()
        if alarm is not None:
            alarms.cancel(alarm)
        ended = Ended(exit_code, self.stdout(), self.stderr(), self._timed_out)
        self._out.close()
        self._err.close()
        return ended

    def kill(self) -> None:
        """Ends it, and its children, at once."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def stdout(self) -> str:
        """What it printed so far."""
        return _content(self._out)

    def stderr(self) -> str:
        """What it printed so far to its error output."""
        return _content(self._err)

    def _expire(self) -> None:
        self._timed_out = True
        self.kill()


class Running:
    """The processes of the executions that run now, by the execution's id."""

    def __init__(self) -> None:
        self._processes: dict[str, Process] = {}
        self._killed: set[str | None] = set()
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def entered(self, id: str, process: Process) -> Any:
        """Known while the block runs."""
        with self._lock:
            self._processes[id] = process
            if self._killed & {id, None}:
                process.kill()  # the order came before the process was there
        try:
            yield process
        finally:
            with self._lock:
                del self._processes[id]
                self._killed.discard(id)

    def get(self, id: str) -> Process | None:
        with self._lock:
            return self._processes.get(id)

    def kill(self, id: str | None = None) -> None:
        """Ends the one, or all of them, and those that are yet to come."""
        with self._lock:
            self._killed.add(id)
            for name, process in self._processes.items():
                if id in (None, name):
                    process.kill()


def _file() -> IO[bytes]:
    return tempfile.TemporaryFile()


def _content(file: IO[bytes]) -> str:
    if file.closed:
        return ""
    size = os.fstat(file.fileno()).st_size
    return os.pread(file.fileno(), size, 0).decode(errors="replace")
