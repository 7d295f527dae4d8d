"""The shell's parts, put together: the one place that knows which real thing is behind a seam."""
from __future__ import annotations

import logging
import random
import time
from dataclasses import dataclass, field
from typing import Any, Callable, Iterable, Mapping

from autoscale.clouds import connect
from autoscale.core import names
from autoscale.datastore import StackStormDatastore
from autoscale.newrelic import monitor
from autoscale.notify import headed, notifier
from autoscale.seams import Cloud, Datastore, Monitor, Notifier


@dataclass(frozen=True)
class Parts:
    """What the shell works with. ``clock`` tells seconds since 1970, ``sleep`` passes seconds."""

    store: Datastore
    cloud: Cloud
    notifier: Notifier
    config: Mapping[str, Any] = field(default_factory=dict)
    monitor: Monitor | None = None
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    chance: random.Random = field(default_factory=random.SystemRandom)

    def fresh_names(self) -> Iterable[str]:
        return names.host_names(self.chance.randrange(10**6))

    def tell(self, group: str, channel: str, *lines: str) -> None:
        self.notifier.tell(channel, headed(group, lines))


def assemble(config: Mapping[str, Any], service: Any, log: logging.Logger) -> Parts:
    """The parts for an action: its pack's configuration, its service and its logger."""
    return Parts(StackStormDatastore(service), connect(config), notifier(config, log), config,
                 monitor(config))
