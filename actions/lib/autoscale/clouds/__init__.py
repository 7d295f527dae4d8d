"""The clouds that groups can live in, one folder each.

A folder ``<name>/`` offers ``connect(config, *, sleep, clock) -> Cloud``. Adding a cloud means
adding a folder and its name in config.schema.yaml; ``tests/clouds/contract.py`` then checks it.
"""
from __future__ import annotations

import pkgutil
import time
from importlib import import_module
from typing import Callable, Mapping, cast

from autoscale.clouds.config import InvalidConfig, text
from autoscale.seams import Cloud

__all__ = ["InvalidConfig", "connect", "names"]


def names() -> tuple[str, ...]:
    """The clouds there are."""
    return tuple(sorted(found.name for found in pkgutil.iter_modules(__path__) if found.ispkg))


def connect(
    config: Mapping[str, object],
    *,
    sleep: Callable[[float], object] = time.sleep,
    clock: Callable[[], float] = time.time,
) -> Cloud:
    """The cloud that the pack's configuration names (key ``cloud``). Does no I/O.

    ``sleep`` (seconds) and ``clock`` (seconds since 1970) can be replaced for tests. The other
    keys are the cloud's own. Raises InvalidConfig, naming the key that is missing or wrong.
    """
    name = text(config, "cloud", default="rackspace")
    if name not in names():
        raise InvalidConfig("cloud", f"is {name!r}, must be one of: {', '.join(names())}")
    module = import_module(f"{__name__}.{name}")
    return cast(Cloud, module.connect(config, sleep=sleep, clock=clock))
