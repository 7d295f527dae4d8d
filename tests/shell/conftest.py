from __future__ import annotations

import random

import pytest

from autoscale.clouds import connect
from autoscale.parts import Parts
from simcloud import ManualClock, Region, Settings, serve
from tests.support.loop import World
from tests.support.store import DictStore, Lines


@pytest.fixture
def settings():
    return {}


@pytest.fixture
def world(settings):
    """An empty region that builds in 20 s, on a clock that only moves when the pack sleeps."""
    clock = ManualClock(1_700_000_000.0)
    region = Region(clock=clock, settings=Settings(**{
        "build_seconds": 20, "listen": False, **settings}))
    with serve(region) as server:
        config = {"username": region.username, "api_key": region.api_key,
                  "region": region.settings.region_name, "auth_url": server.auth_url}
        cloud = connect(config, sleep=clock.advance, clock=clock.now)
        yield World(region, Parts(DictStore(), cloud, Lines(), config, None,
                                  clock.now, clock.advance, random.Random(7)), clock)
    assert region.observer_errors == []
