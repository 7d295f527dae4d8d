"""Servers that listen and load balancers that forward, on addresses of the loopback."""
from __future__ import annotations

import functools
import logging

from simcloud.settings import Settings
from simcloud.traffic.block import Unavailable, claim
from simcloud.traffic.listening import Listening
from simcloud.traffic.silence import Silence, Traffic

LOG = logging.getLogger("simcloud")


def traffic_for(settings: Settings) -> Traffic:
    """Real traffic where the settings ask for it and the machine allows it."""
    if not settings.listen:
        return Silence()
    try:
        return Listening(claim(), settings)
    except Unavailable as error:
        _warn(f"servers and load balancers exist only in the API: {error}")
        return Silence()


@functools.lru_cache(maxsize=None)
def _warn(text: str) -> None:
    """Once in a process, for a test suite makes thousands of regions."""
    LOG.warning(text)
