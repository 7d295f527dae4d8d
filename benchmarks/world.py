"""A region over real HTTP, the pack's library against it, and a clock that only sleeping moves."""
from __future__ import annotations

import random
from contextlib import contextmanager
from typing import Any, Iterator

from autoscale.clouds import connect
from autoscale.parts import Parts
from simcloud import ManualClock, Region, Settings, serve
from tests.support.loop import World
from tests.support.store import DictStore, Lines


@contextmanager
def world(**settings: Any) -> Iterator[World]:
    clock = ManualClock()
    region = Region(clock=clock, settings=Settings(**{"listen": False, **settings}))
    with serve(region) as server:
        config = {"username": region.username, "api_key": region.api_key,
                  "region": region.settings.region_name, "auth_url": server.auth_url}
        cloud = connect(config, sleep=clock.advance, clock=clock.now)
        yield World(region, Parts(DictStore(), cloud, Lines(), config, None, clock.now,
                                  clock.advance, random.Random(7)), clock)
