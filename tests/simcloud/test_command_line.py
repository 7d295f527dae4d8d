from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import requests

ROOT = Path(__file__).parents[2]


def start(*options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "simcloud", *options], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip


def test_it_says_where_everything_is_and_stops_when_asked() -> None:
    with start("--json", "--no-listen", "--build-seconds", "7") as process:
        assert process.stdout is not None
        places = json.loads(process.stdout.readline())
        settings = requests.get(places["control_url"] + "/settings", timeout=5).json()
        assert settings["build_seconds"] == 7
        assert places["auth_url"].endswith("/identity/v2.0/")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


def test_help_is_a_page_with_examples() -> None:
    with start("--help") as process:
        assert process.stdout is not None
        text = process.stdout.read()
    assert "curl $URL/control/state" in text
    assert "--build-seconds" in text
