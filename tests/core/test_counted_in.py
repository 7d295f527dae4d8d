"""What a group is counted in: units, where it has roles, and else nodes; servers are servers."""
from __future__ import annotations

from dataclasses import replace

import pytest

from autoscale.core import report, verdict
from autoscale.core.alarms import Tracking
from autoscale.core.deciding import create, decide
from autoscale.core.deciding.applying import apply_document
from autoscale.core.documents import Document
from autoscale.core.hooks import Hook, HookResult, HookRun
from autoscale.core.planning import Plan
from autoscale.core.policies import Policy
from autoscale.core.renewal import RollingUpdate, UpdatePolicy
from autoscale.core.requests import Request
from autoscale.core.units import Role
from tests.core.examples import NOW, group, members, planned, seen, server

ROLES = {"web": Role(), "worker": Role(load_balancers=())}
PAIRS = group(roles=ROLES, max_nodes=4, expand_by=1, deflate_by=1)
PLUS_ONE = Policy("change_in_capacity", 1)


def pairs(number):
    """The servers of so many whole units, the oldest first."""
    return [replace(server(2 * unit + place, age=1000 - unit), name=f"{role}-u{unit}",
                    metadata={"asg": "web", "asg_unit": f"u{unit}", "asg_role": role})
            for unit in range(1, number + 1) for place, role in enumerate(ROLES)]



@pytest.mark.parametrize(("of", "request_", "message"), [
    (PAIRS, Request("expand"), "expanding from 3 to 4 units"),
    (PAIRS, Request("deflate"), "deflating from 3 to 2 units"),
    (PAIRS, Request("add_node"), "adding a unit"),
    (PAIRS, Request("exact", nodes=9), "from 3 to exactly 4 units, not 9: max_nodes is 4"),
    (PAIRS, Request("exact", nodes=3), "it is to have 3 units already"),
    (PAIRS, Request("delete_node", node="web-u1"), "removing node web-u1, 2 units are desired"),
    (PAIRS, Request("alert"), "an incident is open: expanding from 3 to 4 units"),
    (replace(PAIRS, desired_nodes=4), Request("expand"), "4 units are desired and max_nodes is 4"),
    (replace(PAIRS, desired_nodes=4), Request("add_node"), "4 units are desired and max_nodes"),
    (replace(PAIRS, min_nodes=3), Request("deflate"), "3 units are desired and min_nodes is 3"),
    (replace(PAIRS, min_nodes=3), Request("delete_node", node="web-u1"),
     "3 units are desired and min_nodes is 3; replace=true gets a new unit for it"),
    (PAIRS, Request("policy_create", policy="more", definition={
        "change_type": "change_in_capacity", "change": 2}), "policy more made: +2 units"),
    (replace(PAIRS, policies={"more": PLUS_ONE}), Request("policy_execute", policy="more"),
     "policy more: from 3 to 4 units"),
    (replace(PAIRS, policies={"more": PLUS_ONE}, desired_nodes=4),
     Request("policy_execute", policy="more"), "policy more wants 4 units, as desired"),
    (PAIRS, Request("alarm_create", alarm="busy", definition={
        "kind": "tracking", "metric": "throughput", "target": 90}), "90 requests a minute a unit"),
    (PAIRS, Request("rolling_update", outdated=("web-u1", "worker-u1", "web-u2")),
     "rolling update of 2 units, 1 at a time, at least 2 in service"),
    (replace(PAIRS, protected=("u1",)), Request("rolling_update", outdated=("web-u1",)),
     "all outdated units are protected: u1"),
    (replace(PAIRS, max_nodes=3), Request("rolling_update", outdated=("web-u1",), definition={
        "min_instances_in_service": 3}), "no unit can be spared")])
def test_what_is_decided_of_a_group_with_roles_is_told_in_units(of, request_, message):
    assert message in decide(of, request_, NOW).message


def test_what_alarms_wish_of_a_group_with_roles_is_told_in_units():
    of = replace(PAIRS, alarms={"cpu": Tracking("cpu", 50)})
    read = [{"alarm": "cpu", "since": NOW // 60 * 60 - 120, "until": NOW // 60 * 60 - 60,
             "value": 60}]
    decision = decide(of, Request("wishes", definition={"readings": read}), NOW)
    assert decision.message == "from 3 to 4 units; cpu wants 4 units (cpu 60 %)"


def test_a_group_with_roles_is_created_with_so_many_units():
    wanted = {"min_nodes": 2, "max_nodes": 3, "domain": "example.com", "roles": ROLES}
    assert create(None, Request("create", changes=wanted), "web").message == (
        "creating it with 2 units")


def test_a_document_that_has_roles_describes_its_policies_in_units():
    document = Document("web", {"roles": ROLES}, {"more": PLUS_ONE}, None)
    assert "policy more: +1 unit" in apply_document(PAIRS, document, True, {}, NOW).message


def test_a_convergence_of_a_group_with_roles_counts_units():
    assert verdict.message(PAIRS, Plan(total=2), "waiting", ()) == "web: 2 of 3 units up"
    assert verdict.news(PAIRS, Plan(total=3), (), True, True) == ["3 units up, as desired"]


def test_the_state_of_a_group_with_roles_counts_units():
    told = report.status(PAIRS, seen(*pairs(2)), NOW)
    assert "2 of 3 units active (1 to 4)" in report.status_text(told, PAIRS.noun)
    line = report.summary_line(report.summary(replace(PAIRS, total_nodes=2)), PAIRS.noun)
    assert "2 of 3 units up (1 to 4)" in line


def test_a_plan_says_how_many_units_are_desired():
    creates = [step for step in planned(PAIRS, seen(*pairs(1))).steps
               if type(step).__name__ == "CreateServer"]
    assert len(creates) == 4
    assert creates[0].why.startswith("3 units are desired")
    deletes = [step for step in planned(
        replace(PAIRS, desired_nodes=2), seen(*pairs(3), load_balancer=None)).steps
        if type(step).__name__ == "DeleteServer"]
    assert deletes[0].why == "2 units are desired and it is the first to go"


def test_protected_units_beyond_the_wish_are_counted_as_units():
    of = replace(PAIRS, desired_nodes=1, protected=("u1", "u2"))
    note, = planned(of, seen(*pairs(2))).notes
    assert note.startswith("1 unit more than desired is kept: web-u1, web-u2, worker-u1 and")


def test_a_hook_chooses_among_units():
    hooked = replace(PAIRS, desired_nodes=2, hooks={"select_victims": Hook("a.b")})
    answer = planned(hooked, seen(*pairs(3)))
    run = HookRun("select_victims", NOW, candidates=("u1", "u2", "u3"), count=1)
    assert answer.hooks == ("select_victims",)
    waiting = planned(replace(hooked, hook_runs={"select_victims": run}), seen(*pairs(3)))
    assert "the select_victims hook chooses 1 unit to go" in waiting.awaited
    for named, wrong in [((), "has named 0 of 1 unit"), (("u1", "u1"), "has named a unit twice")]:
        ended = HookResult(NOW, NOW, NOW + 1, True, answer=named)
        answered = replace(hooked, hook_runs={"select_victims": run},
                           hook_results={"select_victims": ended})
        (news, _), = planned(answered, seen(*pairs(3)), NOW + 2).news
        assert wrong in news


def test_a_rolling_update_that_no_batch_of_units_fits_says_so():
    of = replace(PAIRS, max_nodes=3, rolling_update=RollingUpdate(NOW, UpdatePolicy(3)))
    assert any("no unit can be spared" in problem
               for problem in planned(of, seen(*pairs(3))).problems)


# What counts servers says servers.

def test_the_safety_limit_counts_servers_and_names_the_wish_in_units():
    of = replace(PAIRS, desired_nodes=1, members=members(*pairs(3)))
    problem, = planned(of, seen(*pairs(3))).problems
    assert problem.startswith("refused: of 6 servers 4 would be deleted, as 1 unit is desired.")
