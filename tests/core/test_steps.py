from __future__ import annotations

import json

import pytest

from autoscale.core import steps as do
from autoscale.core.steps import Batch, batches

EXAMPLES = (
    do.CreateKeyPair("why", "asg_web_1"), do.CreateLoadBalancer("why", "asg_web_lb", 5),
    do.CreateZone("why", "web.example.com"), do.CreateServer("why", "web-1", 5),
    do.AdoptServer("why", "s1", "web-1"),
    do.RemoveNode("why", "lb-1", "web-1", "10.0.0.1", "7"),
    do.ChangeNode("why", "lb-1", "web-1", "10.0.0.1", 8080, "7", "ENABLED"),
    do.AddNode("why", "lb-1", "web-1", "10.0.0.1", 8080),
    do.RemoveRecord("why", "zone-1", "web-1.web.example.com", "10.0.0.1", "9"),
    do.AddRecord("why", "zone-1", "web-1.web.example.com", "10.0.0.1"),
    do.ReleaseServer("why", "s1", "web-1"),
    do.DeleteServer("why", "s1", "web-1"), do.DeleteLoadBalancer("why", "lb-1"),
    do.DeleteZone("why", "zone-1"), do.DeleteKeyPair("why", "asg_web_1"),
)


def test_there_is_an_example_of_every_kind():
    assert [type(step).__name__ for step in EXAMPLES] == list(do.KINDS)


@pytest.mark.parametrize("step", EXAMPLES, ids=lambda step: type(step).__name__)
def test_a_batch_crosses_a_process_border_as_json(step):
    batch, = batches([step])
    assert Batch.from_dict(json.loads(json.dumps(batch.to_dict()))) == batch


@pytest.mark.parametrize("step", EXAMPLES, ids=lambda step: type(step).__name__)
def test_a_step_has_a_label_for_people(step):
    assert step.label in ("web-1", "web-1.web.example.com", "web.example.com", "asg_web_1",
                          "asg_web_lb", "lb-1", "zone-1")


def test_steps_of_one_kind_on_one_thing_are_one_batch():
    one, two, other = (do.AddNode("why", balancer, host, "10.0.0.1", 80)
                       for balancer, host in (("lb-1", "a"), ("lb-1", "b"), ("lb-2", "c")))
    create = do.CreateServer("why", "web-1", 5)
    assert batches([one, create, other, two]) == (
        Batch("AddNode", "lb-1", (one, two)), Batch("CreateServer", "", (create,)),
        Batch("AddNode", "lb-2", (other,)))


def test_no_steps_are_no_batches():
    assert batches([]) == ()
