"""One App for all tests of the engine, and what makes them short."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

from standalone.app import App

WORKS = Path(__file__).parent.parent / "packs" / "works"

Run = Callable[..., dict]


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The pack `works`, without its sensor."""
    data = tmp_path_factory.mktemp("engine")
    with App([WORKS], data, sensors=False, timers=False) as running:
        yield running


@pytest.fixture
def run(app: App) -> Run:
    """Requests an execution and returns its document once it has ended."""

    def requested(ref: str, **parameters: Any) -> dict[str, Any]:
        return app.executions.wait(app.executions.request(ref, parameters)["id"], 30)

    return requested
