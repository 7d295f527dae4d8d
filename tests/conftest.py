"""What all tests share.

Properties are the same on every run; HYPOTHESIS_PROFILE=search looks further, at random. Tests run
side by side (`make test`), each file in one process.
"""
from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

settings.register_profile(
    "same", derandomize=True, deadline=None, database=None, max_examples=100, print_blob=True,
    suppress_health_check=_SLOW)
settings.register_profile(
    "search", derandomize=False, deadline=None, max_examples=2000, print_blob=True,
    suppress_health_check=_SLOW)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

SLOWEST = ("e2e/test_use_cases", "e2e/test_health", "e2e/test_webhooks", "e2e/test_rolling_update",
           "e2e", "standalone/api", "benchmarks", "chaos")
"""What is handed out first, in this order, lest one process is left with it at the end."""


def pytest_xdist_auto_num_workers() -> int:
    """Two for each core: the slow tests mostly wait. More than 8 find nothing to do."""
    return min(8, 2 * len(os.sched_getaffinity(0)))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    root = config.rootpath / "tests"
    folders = {item: item.path.relative_to(root).as_posix() for item in items}
    items.sort(key=lambda item: next(
        (place for place, slow in enumerate(SLOWEST) if folders[item].startswith(slow)),
        len(SLOWEST)))
