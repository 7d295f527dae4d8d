from __future__ import annotations

from typing import Iterator

import pytest

from simcloud import ManualClock, Region, RegionServer, Settings, serve

from .client import Client


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def region(clock: ManualClock) -> Region:
    return Region(clock=clock, settings=Settings(listen=False))


@pytest.fixture
def server(region: Region) -> Iterator[RegionServer]:
    with serve(region) as server:
        yield server


@pytest.fixture
def client(server: RegionServer) -> Client:
    return Client(server)
