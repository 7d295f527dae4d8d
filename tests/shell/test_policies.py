"""Policies in the datastore: kept, run, and finished by the next who comes after a death."""
from __future__ import annotations

import json

import pytest

from autoscale.views import policies


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def web(world):
    world.create(min_nodes=1, max_nodes=9)
    world.ask("web", "policy_create", policy="up", definition={
        "change_type": "change_in_capacity", "change": 3})
    return world


def test_a_policy_runs_and_is_told(web):
    answer = web.ask("web", "policy_execute", policy="up")
    assert answer["accepted"]
    assert web.key("desired_nodes") == "4"
    assert json.loads(web.key("policy_runs"))["up"]["wanted"] is None
    (told,) = policies(web.store, "web")["policies"]
    assert told["does"] == "+3 nodes"
    assert told["last_executed"] == int(web.clock.now())


@pytest.mark.parametrize("dies_at", ["policy_runs", "last_expand_timestamp", "desired_nodes"])
def test_a_schedule_is_neither_lost_nor_doubled_by_a_death(web, dies_at, monkeypatch):
    due = int(web.clock.now()) + 5
    web.clock.advance(10)
    write = web.store.set

    def fatal(name, text):
        if name == f"asg.web.{dies_at}":
            if dies_at == "desired_nodes":
                write(name, text)
            raise Killed
        write(name, text)

    monkeypatch.setattr(web.store, "set", fatal)
    with pytest.raises(Killed):
        web.ask("web", "policy_execute", policy="up", due=due)
    monkeypatch.undo()
    web.ask("web", "policy_execute", policy="up", due=due)
    web.ask("web", "policy_execute", policy="up", due=due)
    assert web.key("desired_nodes") == "4"
