"""The ways in which tests call the API."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

API_KEY = "only-for-tests"


@dataclass(frozen=True)
class Run:
    """What a command of the client did."""

    code: int
    text: str

    @property
    def json(self) -> Any:
        """The first JSON document it printed."""
        start = min(at for at in (self.text.find("{"), self.text.find("[")) if at >= 0)
        return json.JSONDecoder().raw_decode(self.text[start:])[0]


@dataclass(frozen=True)
class Client:
    """The real `st2` command line."""

    url: str
    home: Path

    def start(self, *words: str, **environment: str) -> subprocess.Popen[str]:
        """Starts a command."""
        return subprocess.Popen(
            [str(Path(sys.executable).parent / "st2"), "--skip-config", *words],
            env={**self._environment(), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __call__(self, *words: str, **environment: str) -> Run:
        """Runs a command to its end."""
        return _ended(self.start(*words, **environment))

    def together(self, *commands: str) -> list[Run]:
        """Runs several commands at once, which don't depend on each other."""
        return [_ended(each) for each in [self.start(*shlex.split(one)) for one in commands]]

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "COLUMNS": "300",
            "PYTHONUNBUFFERED": "1",
            "ST2_BASE_URL": self.url,
            "ST2_AUTH_URL": f"{self.url}/auth/v1",
            "ST2_API_URL": f"{self.url}/api/v1",
            "ST2_STREAM_URL": f"{self.url}/stream/v1",
            "ST2_API_KEY": API_KEY,
        }


def _ended(process: subprocess.Popen[str]) -> Run:
    with process:
        text, _ = process.communicate(timeout=60)
    return Run(process.returncode, text)


class Http:
    """Requests to the API, with its key."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.headers = {"St2-Api-Key": API_KEY}

    def __call__(self, method: str, path: str, **more: Any) -> requests.Response:
        headers = {**self.headers, **more.pop("headers", {})}
        return requests.request(method, self.url + path, headers=headers, timeout=30, **more)
