"""One tick of the governor: every group's keys in one listing, a pulse for each that needs one."""
from __future__ import annotations

import logging
import time
from typing import Any, Iterator

from autoscale import groups
from autoscale.core.governor import pulse
from autoscale.core.texts import inert
from autoscale.datastore import StackStormDatastore

TRIGGERS = {"up": "autoscale.ScaleUpPulse", "down": "autoscale.ScaleDownPulse"}


def tick(service: Any, log: logging.Logger, now: float | None = None) -> Iterator[
        tuple[str, dict[str, str]]]:
    """Yield ``(trigger, payload)`` for each pulse; groups that can't be read are logged."""
    known, unreadable = groups.load_all(StackStormDatastore(service))
    for error in unreadable:
        log.warning("group %s is left out until it is corrected: %s", error.group, error)
    for group in known:
        found = pulse(group, time.time() if now is None else now)
        if found:
            yield TRIGGERS[found.direction], {"asg": group.name, "reason": inert(found.reason)}
