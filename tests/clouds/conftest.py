from __future__ import annotations

from typing import Iterator

import pytest

from simcloud import ManualClock, Region, RegionServer, Settings, serve

for part in ("servers", "load_balancers", "dns"):
    pytest.register_assert_rewrite(f"{__package__}.contract_{part}")

from .scripted import Scripted, scripted  # noqa: E402
from .simulated import SimulatedWorld  # noqa: E402


@pytest.fixture
def cloud() -> Iterator[Scripted]:
    with scripted() as serving:
        yield serving


@pytest.fixture(scope="session")
def server() -> Iterator[RegionServer]:
    with serve(Region(ManualClock(), Settings(listen=False))) as serving:
        yield serving


@pytest.fixture
def world(server: RegionServer) -> SimulatedWorld:
    return SimulatedWorld(server)
