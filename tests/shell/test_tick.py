"""A tick of the governor: pulses, events, and nobody who stops it for the others."""
from __future__ import annotations

import json
import logging

import pytest

from autoscale.core import events
from autoscale.tick import tick

NOW = 1_700_000_000
GROUP = {"min_nodes": "1", "max_nodes": "4", "vm_image_id": "i", "vm_size_id": "2",
         "domain": "example.com", "desired_nodes": "2", "status": "idle"}


class Service:
    """StackStorm's sensor service as far as the governor uses it, over a dictionary."""

    def __init__(self, **groups):
        self.texts = {f"asg.{name}.{field}": text for name, fields in groups.items()
                      for field, text in fields.items()}
        self.dispatched, self.requests = [], 0

    def list_values(self, local, prefix, limit=None, offset=0):
        assert local is False
        self.requests += 1
        return [type("Pair", (), {"name": name, "value": text})
                for name, text in self.texts.items() if name.startswith(prefix)]

    def set_value(self, name, text, local):
        self.texts[name] = text

    def dispatch(self, trigger, payload):
        self.dispatched.append((trigger, payload))

    def tick(self):
        self.dispatched.clear()
        tick(self, logging.getLogger("governor"), NOW)
        return [(trigger, payload["asg"]) for trigger, payload in self.dispatched]


def test_an_open_incident_pulses_up_and_its_absence_down():
    service = Service(web={**GROUP, "active_incident": "True"}, db=GROUP)
    assert service.tick() == [("autoscale.ScaleDownPulse", "db"), ("autoscale.ScaleUpPulse", "web")]


@pytest.mark.parametrize("field", ["max_nodes", "errors", "reserved", "active_incident", "hooks"])
def test_no_group_stops_the_governor_for_the_others(field):
    service = Service(bad={**GROUP, field: "{{ nonsense"}, web=GROUP)
    assert service.tick() == [("autoscale.ScaleDownPulse", "web")]


def test_a_tick_is_one_listing():
    service = Service(**{f"g{n}": GROUP for n in range(7)})
    service.tick()
    assert service.requests == 1


def test_a_group_name_with_dots_is_no_group():
    assert Service(**{"web.shop": GROUP}).tick() == []


def test_each_event_is_dispatched_once_and_survives_a_restart():
    text = events.append(None, [events.event(NOW - 5, "joe", "expand: {{ x }}")])
    later = events.append(None, [events.event(NOW - 1, "converge", "CreateServer a-b")])
    idle = {**GROUP, "desired_nodes": "1"}
    service = Service(web={**idle, "events": text, "events_converging": later})
    assert service.tick() == [("autoscale.group_event", "web")] * 2
    assert [payload["by"] for _, payload in service.dispatched] == ["joe", "converge"]
    assert "{{" not in json.dumps(service.dispatched)
    assert service.tick() == []
    service.texts["asg.web.events"] = events.append(text, [events.event(NOW, "joe", "pause")])
    assert service.tick() == [("autoscale.group_event", "web")]


def test_a_broken_history_is_nobodys_problem():
    idle = {**GROUP, "desired_nodes": "1"}
    assert Service(web={**idle, "events": '[{"at": "x', "events_told": "soon"}).tick() == []


def test_nothing_is_written_of_a_group_that_was_deleted_meanwhile():
    told = events.append(None, [events.event(NOW - 1, "ann", "delete: deleting everything")])
    service = Service(web={**GROUP, "deleted": "True", events.DECIDED: told})
    dispatch = service.dispatch

    def dispatch_while_keys_go(**pulse):
        service.texts.clear()
        dispatch(**pulse)

    service.dispatch = dispatch_while_keys_go
    service.delete_value = lambda name, local: service.texts.pop(name, None) is not None
    assert service.tick() == [("autoscale.group_event", "web")]
    assert service.texts == {}
