"""Several load balancers: where nodes belong, and as what."""
from __future__ import annotations

from dataclasses import replace

import pytest

from autoscale.core.associations import Association
from autoscale.core.observation import LoadBalancer
from autoscale.core.planning.places import places, serving
from autoscale.core.requests import BadRequest, consistent
from autoscale.core.units import Role
from tests.core.examples import NOW, balancer, done, group, node, planned, seen, server

ONE = server(1)
BOTH = {"main": Association(), "public": Association("4711", port=9000, weight=5)}
GIVEN = LoadBalancer("4711", "shared", "ACTIVE", "198.51.100.7")
WISHED = group(desired_nodes=1, load_balancers=BOTH)


def test_a_node_joins_every_load_balancer_on_its_port_with_its_weight():
    answer = planned(WISHED, seen(ONE, load_balancer=balancer(), others={"public": GIVEN}))
    assert {(step.load_balancer, step.address, step.port, step.weight)
            for step in answer.steps} == {
        ("lb-1", "10.0.0.1", 8080, 1), ("4711", "10.0.0.1", 9000, 5)}


def test_each_load_balancer_takes_one_change_a_cycle():
    there = replace(GIVEN, nodes=(node(ONE, port=9000, id="n-1", weight=1),))
    answer = planned(WISHED, seen(ONE, load_balancer=balancer(), others={"public": there}))
    assert sorted((type(s).__name__, s.load_balancer, s.weight) for s in answer.steps) == [
        ("AddNode", "lb-1", 1), ("ChangeNode", "4711", 5)]


def test_foreign_nodes_of_a_given_load_balancer_are_left_alone():
    there = replace(GIVEN, nodes=(node(ONE, port=9000, weight=5), node(server(77))))
    assert planned(WISHED, seen(ONE, others={"public": there})).converged


def test_a_node_leaves_every_load_balancer_before_its_server_is_deleted():
    leaver = seen(ONE, others={"public": replace(GIVEN, nodes=(node(ONE, port=9000),))})
    answer = planned(replace(WISHED, min_nodes=0, desired_nodes=0), leaver)
    assert {step.load_balancer for step in answer.steps
            if type(step).__name__ == "RemoveNode"} == {"lb-1", "4711"}
    still = replace(leaver, load_balancer=balancer())
    assert done(planned(replace(WISHED, min_nodes=0, desired_nodes=0), still), "DeleteServer") == []


def test_a_given_load_balancer_that_does_not_exist_is_a_problem_that_names_its_key():
    answer = planned(WISHED, seen(ONE))
    assert "asg.web.load_balancers" in " ".join(answer.problems)
    assert done(answer, "CreateLoadBalancer") == []


def test_a_further_one_of_the_groups_own_is_made_and_its_id_is_learned():
    wished = group(desired_nodes=1, load_balancers={
        "main": Association(), "tls": Association(listen=443, protocol="TCP", port=8443)})
    answer = planned(wished, seen(ONE))
    assert done(answer, "CreateLoadBalancer") == ["asg_web_tls_lb"]
    assert "asg_web_tls_lb" in answer.learned["reserved"]
    made = LoadBalancer("lb-2", "asg_web_tls_lb", "ACTIVE", "198.51.100.2", "web")
    after = planned(wished, seen(ONE, others={"tls": made}))
    assert after.learned["balancers"] == {"tls": "lb-2"}
    assert {(s.load_balancer, s.port) for s in after.steps if hasattr(s, "port")} == {
        ("lb-2", 8443)}
    assert done(after, "AddRecord") == ["lb-tls.web.example.com"]


def test_only_servers_made_since_join_a_load_balancer_that_came_later():
    old = replace(ONE, metadata={"asg": "web", "asg_load_balancer": "main=lb-1"})
    new = replace(server(2), metadata={"asg": "web", "asg_load_balancer": "main=lb-1 public=4711"})
    watched = seen(old, new, others={"public": GIVEN})
    answer = planned(replace(WISHED, desired_nodes=2), watched)
    assert [(s.host, s.load_balancer) for s in answer.steps] == [("web-2", "4711")]


def test_a_node_stays_at_the_load_balancer_that_it_was_made_for():
    former = LoadBalancer("lb-0", "old", "ACTIVE", nodes=(node(ONE),))
    old = replace(ONE, metadata={"asg": "web", "asg_load_balancer": "lb-0"})
    watched = seen(old, load_balancer=balancer(), former_balancers=(former,))
    assert done(planned(group(desired_nodes=1), watched), "AddNode") == []
    assert done(planned(group(desired_nodes=1), watched), "RemoveNode") == []


def test_nodes_of_an_association_that_was_dropped_stay_until_they_leave():
    former = replace(GIVEN, nodes=(node(ONE, port=9000),))
    old = replace(ONE, metadata={"asg": "web", "asg_load_balancer": "main=lb-1 public=4711"})
    watched = seen(old, former_balancers=(former,))
    wished = group(desired_nodes=1, load_balancers={"main": Association()})
    assert planned(wished, watched).steps == ()
    gone = planned(replace(wished, min_nodes=0, desired_nodes=0), watched)
    assert {s.load_balancer for s in gone.steps if type(s).__name__ == "RemoveNode"} == {
        "lb-1", "4711"}


def test_a_role_joins_only_what_it_names():
    wished = group(desired_nodes=1, load_balancers=BOTH, roles={
        "web": Role(load_balancers=("public",)), "worker": Role(load_balancers=())})
    web = replace(server(1), name="web-apt-bee")
    worker = replace(server(2), name="worker-apt-bee")
    watched = seen(web, worker, load_balancer=balancer(), others={"public": GIVEN})
    assert [(s.host, s.load_balancer) for s in planned(wished, watched).steps
            if type(s).__name__ == "AddNode"] == [("web-apt-bee", "4711")]


def test_a_node_serves_when_it_is_right_in_all_its_load_balancers():
    right = replace(GIVEN, nodes=(node(ONE, port=9000, weight=5),))
    assert serving(WISHED, seen(ONE, others={"public": right}), [ONE]) == {"s1"}
    wrong = replace(GIVEN, nodes=(node(ONE, port=9000, weight=5, condition="DRAINING"),))
    assert serving(WISHED, seen(ONE, others={"public": wrong}), [ONE]) == set()
    assert serving(WISHED, seen(ONE, others={"public": GIVEN}), [ONE]) == set()


def test_a_weight_that_can_not_be_seen_for_it_does_not_count_is_not_put_right():
    plain = replace(GIVEN, weighs=False, nodes=(node(ONE, port=9000),))
    watched = seen(ONE, others={"public": plain})
    answer = planned(WISHED, watched)
    assert (answer.steps, answer.converged) == ((), True)
    assert serving(WISHED, watched, [ONE]) == {"s1"}


@pytest.mark.parametrize(("unseen", "kept"), [({"load_balancer": "no answer"}, True), ({}, False)])
def test_one_that_was_left_unseen_is_looked_for_until_somebody_can_look(unseen, kept):
    asked = group(reserved={"asg_web_tls_lb": NOW - 900})
    reserved = planned(asked, seen(ONE, unseen=unseen)).learned["reserved"]
    assert ("asg_web_tls_lb" in reserved) is kept


def test_a_weight_without_effect_is_said_and_is_no_error():
    plain = replace(GIVEN, weighs=False, nodes=(node(ONE, port=9000),))
    main = balancer(node(ONE), weighs=False)
    said = ("weight 5 of public has no effect: load balancer 4711 has an algorithm that ignores "
            "weights",)
    assert planned(WISHED, seen(ONE, load_balancer=main, others={"public": plain})).notes == said
    weighing = replace(plain, weighs=True)
    assert planned(WISHED, seen(ONE, others={"public": weighing})).notes == ()


@pytest.mark.parametrize(("weighs", "told"), [
    (True, "it is DISABLED, PRIMARY, weight 1"), (False, "it is DISABLED, PRIMARY")])
def test_what_was_wrong_with_a_node_is_said_as_far_as_it_can_be_seen(weighs, told):
    wrong = replace(GIVEN, weighs=weighs, nodes=(node(ONE, port=9000, condition="DISABLED"),))
    step, = planned(WISHED, seen(ONE, others={"public": wrong})).steps
    assert (step.why, step.condition, step.weight) == (told, "ENABLED", 5)


def test_a_node_that_is_to_take_no_traffic_is_given_the_condition_of_its_association():
    wished = group(desired_nodes=1, load_balancers={"main": Association(condition="DISABLED")})
    place, = places(wished, ONE, seen(ONE))
    assert place.node.condition == "DISABLED"


@pytest.mark.parametrize(("given", "complaint"), [
    ({"load_balancers": {"public": Association("1"), "other": Association("1")}}, "the same port"),
    ({"load_balancers": {"tls": Association()}}, "listen"),
    ({"roles": {"web": Role(load_balancers=("tls",))}}, "which is not among main"),
])
def test_associations_that_contradict_each_other_are_refused(given, complaint):
    with pytest.raises(BadRequest, match=complaint):
        consistent("web", {**vars(group()), **given})
