"""The verdict on a convergence: where it stands, what is wrong, what people hear, and only once."""
from __future__ import annotations

import pytest

from autoscale.core import verdict
from autoscale.core.group import Problem
from autoscale.core.planning import Plan
from autoscale.core.steps import CreateServer
from tests.core.examples import NOW, group

WORK = Plan(steps=(CreateServer("one is missing", "web-9", NOW),), awaited=("another",))


@pytest.mark.parametrize(("of", "planned", "given_up", "outcome"), [
    (group(), WORK, {}, "working"),
    (group(), Plan(hooks=("configure.s1",)), {}, "working"),
    (group(), Plan(awaited=("a build",), problems=("no image",)), {}, "waiting"),
    (group(), Plan(problems=("no image",)), {}, "failed"),
    (group(), Plan(), {"CreateServer": "no quota"}, "failed"),
    (group(), Plan(), {}, "converged"),
    (group(paused=True), WORK, {}, "paused"),
    (group(deleted=True), Plan(), {}, "gone"),
    (group(deleted=True, paused=True), WORK, {}, "working"),
    (group(deleted=True), Plan(), {"DeleteZone": "not allowed"}, "failed"),
])
def test_where_a_convergence_stands(of, planned, given_up, outcome):
    assert verdict.outcome(of, planned, given_up) == outcome


def test_a_problem_keeps_the_time_since_when_it_has_been_there():
    before = group(errors=(Problem("no quota for web-1", NOW - 500, "CreateServer"),))
    found = verdict.errors(before, Plan(problems=("no zone",)),
                           {"CreateServer": "no quota for web-2"}, NOW)
    assert {(problem.about, problem.since) for problem in found} == {
        ("CreateServer", NOW - 500), ("no zone", NOW)}
    assert "no quota for web-2" in {problem.message for problem in found}


def test_what_needs_a_person_is_told_once():
    new = (Problem("no quota", NOW, "CreateServer"),)
    assert verdict.news(group(), Plan(), new, False, True) == ["needs attention: no quota"]
    assert verdict.news(group(errors=new), Plan(), new, False, True) == []


def test_being_well_again_is_told_and_being_well_is_not():
    ill = group(health="ERROR", total_nodes=3)
    assert verdict.news(ill, Plan(total=3), (), True, False) == ["is well again"]
    assert verdict.news(group(total_nodes=3), Plan(total=3), (), True, False) == []
    assert verdict.news(group(total_nodes=2), Plan(total=3), (), True, False) == [
        "3 nodes up, as desired"]


@pytest.mark.parametrize(("of", "outcome", "status"), [
    (group(status="expanding"), "waiting", "expanding"),
    (group(status="idle"), "working", "converging"),
    (group(status="expanding"), "converged", "idle"),
    (group(status="expanding"), "failed", "idle"),
    (group(deleted=True), "failed", "deleting"),
])
def test_the_status_follows_the_outcome(of, outcome, status):
    assert verdict.status(of, outcome) == status


def test_the_message_says_how_many_are_up_and_what_is_wrong():
    wrong = (Problem("no quota", NOW),)
    assert verdict.message(group(), Plan(total=2), "failed", wrong) == (
        "web: 2 of 3 nodes up; no quota")
    assert verdict.message(group(), Plan(), "paused", ()) == "web is paused"
