"""Triggers: what may happen, and the record of what happened."""

from __future__ import annotations

import logging
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Callable, Mapping

from standalone import schemas, shapes
from standalone.journal import Journal
from standalone.resources import TriggerType

if TYPE_CHECKING:
    from standalone.app import App

LOG = logging.getLogger(__name__)

WEBHOOK, INTERVAL, CRON = "core.st2.webhook", "core.st2.IntervalTimer", "core.st2.CronTimer"


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(timezone.utc)


def timestamp(moment: datetime) -> str:
    """As StackStorm writes times."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


_TIMED = _object(executed_at={"type": "string"}, schedule={"type": "object"})
_TEXT, _ANY = {"type": "string"}, {"type": ["string", "integer"]}
BUILT_IN = (
    TriggerType(
        "st2.webhook",
        "core",
        "Trigger type for registering webhooks that can consume arbitrary payload.",
        _object(
            headers={"type": "object"},
            headers_lower={"type": "object"},
            body={"type": ["object", "array"]},
        ),
        {**_object(url={"type": "string", "required": True}), "additionalProperties": False},
    ),
    TriggerType(
        "st2.IntervalTimer",
        "core",
        "Triggers on specified intervals. e.g. every 30s, 1week etc.",
        _TIMED,
        _object(
            timezone=_TEXT,
            unit={"enum": ["weeks", "days", "hours", "minutes", "seconds"], "required": True},
            delta={"type": "integer", "required": True},
        ),
    ),
    TriggerType(
        "st2.CronTimer",
        "core",
        "Triggers whenever current time matches the specified time constraints like a UNIX cron.",
        _TIMED,
        _object(
            timezone=_TEXT,
            **dict.fromkeys(("year", "month", "day", "day_of_week", "hour", "minute"), _ANY),
            second=_ANY,
        ),
    ),
)


class Triggers:
    """The trigger types, and the trigger instances of the past."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.instances = Journal(app.store, "trigger_instances")
        """Every trigger that was dispatched and not dropped."""
        self.types: dict[str, TriggerType] = {one.ref: one for one in BUILT_IN}
        for pack in app.packs.values():
            self.types.update(pack.trigger_types)
        self.clock: Callable[[], datetime] = now

    def dispatch(
        self, ref: str, payload: Mapping[str, Any], parameters: Mapping[str, Any] | None = None
    ) -> str | None:
        """Lets the rules see it; the id of the trigger instance, or None when it was dropped.

        `ref` names the trigger type and `parameters` which trigger of it: the webhook, the timer.
        An unknown type and a payload that doesn't fit its schema are dropped with a warning.
        """
        reason = self._refused(ref, payload)
        if reason:
            LOG.warning("the trigger %s was dropped: %s", ref, reason)
            return None
        trigger = shapes.trigger(ref, parameters or {})
        instance = self.instances.add(
            {
                "trigger": trigger["ref"],
                "payload": payload,
                "occurrence_time": timestamp(self.clock()),
                "status": "processed",
            }
        )
        self.app.rules.handle(trigger, instance)
        return str(instance["id"])

    def specs(self) -> list[dict[str, Any]]:
        """The triggers that rules ask for, each once."""
        asked = (
            shapes.trigger(rule.trigger["type"], rule.trigger["parameters"])
            for rule in self.app.rules.all
        )
        return list({one["ref"]: one for one in asked}.values())

    def webhook(self, url: str) -> dict[str, Any] | None:
        """The webhook trigger that listens at `url`, or None."""
        found = (one for one in self.specs() if one["type"] == WEBHOOK)
        asked = url.strip("/")
        return next((one for one in found if one["parameters"]["url"].strip("/") == asked), None)

    def _refused(self, ref: str, payload: Mapping[str, Any]) -> str | None:
        if ref not in self.types:
            return "no such trigger type"
        schema = self.types[ref].payload_schema
        return schemas.problem(schema, payload) if schema else None
