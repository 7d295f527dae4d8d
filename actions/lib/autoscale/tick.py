"""One tick of the governor: every group's keys in one listing, and what follows from them."""
from __future__ import annotations

import logging
import time
from dataclasses import asdict
from typing import Any, Mapping

from autoscale import groups
from autoscale.core import events, keys
from autoscale.core.governor import pulse, schedules, unbegun
from autoscale.core.group import Group
from autoscale.core.texts import harmless
from autoscale.datastore import StackStormDatastore

TRIGGERS = {"up": "autoscale.ScaleUpPulse", "down": "autoscale.ScaleDownPulse"}
EVENT = "autoscale.group_event"
SCHEDULE = "autoscale.SchedulePulse"
HOOK = "autoscale.hook_due"


def tick(service: Any, log: logging.Logger, now: float | None = None) -> None:
    """Dispatch a pulse for each group that needs one, and the events that are new.

    Groups that can't be read are logged. Whatever a group's keys hold, the others get theirs.
    """
    store = StackStormDatastore(service)
    found = keys.by_group(store.list(keys.PREFIX))
    known, unreadable = groups.read_all(found)
    for error in unreadable:
        log.warning("group %s is left out until it is corrected: %s", error.group, error)
    moment = time.time() if now is None else now
    for group in known:
        _pulse(service, group, moment)
    for name, fields in found.items():
        _tell(service, store, name, fields)


def _pulse(service: Any, group: Group, now: float) -> None:
    wanted = pulse(group, now)
    if wanted:
        payload = harmless({"asg": group.name, "reason": wanted.reason})
        service.dispatch(trigger=TRIGGERS[wanted.direction], payload=payload)
    for schedule in schedules(group, now):
        payload = {"asg": group.name, "policy": schedule.policy, "due": schedule.due,
                   "missed": schedule.missed}
        service.dispatch(trigger=SCHEDULE, payload=payload)
    for run, since in unbegun(group, now):
        service.dispatch(trigger=HOOK, payload={"asg": group.name, "run": run, "since": since})


def _tell(service: Any, store: StackStormDatastore, name: str, fields: Mapping[str, str]) -> None:
    """Dispatch the group's new events, then write down how far it was told: at least once each."""
    new = events.untold(fields)
    for event in new:
        service.dispatch(trigger=EVENT, payload=harmless({"asg": name, **asdict(event)}))
    if new:
        told = keys.key(name, events.TOLD)
        store.set(told, str(new[-1].at))
        if store.get(keys.key(name, "status")) is None:  # deleted since it was listed
            store.delete(told)
