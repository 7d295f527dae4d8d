"""A short run of ``make chaos``: the long one takes minutes."""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def chaos(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A process of its own: the order of a set is part of a schedule."""
    return subprocess.run([sys.executable, "-m", "tests.chaos", *arguments], cwd=ROOT, text=True,
                          env={**os.environ, "PYTHONHASHSEED": "0"}, capture_output=True)


def test_random_schedules_break_no_promise():
    played = chaos("--schedules", "25", "--seed", "1", "--log")
    assert played.returncode == 0, played.stdout + played.stderr


def test_a_seed_reproduces_its_schedule():
    first, second = chaos("--only", "7"), chaos("--only", "7")
    assert first.stdout
    assert first.stdout == second.stdout
