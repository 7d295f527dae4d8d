"""Rolling updates: Heat's batches as tables, and each move of one that is under way."""
from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscale.core.planning.crew import Crew, Standing
from autoscale.core.planning.renewing import renew, told
from autoscale.core.renewal import (
    RollingProgress,
    RollingUpdate,
    UpdatePolicy,
    fitting_batch,
    next_batch,
)
from tests.core.examples import NOW, group

OLD, NEW = Standing(("old",), outdated=True), Standing(("new",))


@pytest.mark.parametrize(
    ("target", "current", "up_to_date", "batch_size", "minimum", "capacity", "batch"), [
        (6, 6, 0, 2, 4, 6, 2),      # Heat: stays at 6
        (6, 6, 0, 2, 6, 8, 2),      # Heat: grows to 8 first
        (6, 8, 2, 2, 6, 8, 2),      # stays there while it goes on
        (6, 8, 6, 2, 6, 6, 0),      # and shrinks in the end
        (6, 6, 0, 2, 5, 7, 2),      # grows by no more than it must
        (6, 7, 1, 2, 5, 7, 2),
        (6, 6, 5, 2, 4, 6, 1),      # the last batch is what is left
        (6, 6, 6, 2, 4, 6, 0),
        (6, 6, 0, 1, 0, 6, 1),
        (6, 6, 0, 6, 0, 6, 6),      # all at once
        (6, 6, 0, 9, 0, 6, 6),      # a batch beyond the group is the group
        (6, 6, 0, 9, 3, 9, 6),
        (6, 6, 0, 9, 6, 12, 6),
        (6, 6, 0, 2, 9, 8, 2),      # a minimum beyond the group is the group
        (12, 12, 0, 2, 10, 12, 2),
        (12, 12, 10, 2, 10, 12, 2),
        (12, 12, 0, 2, 11, 13, 2),
        (12, 12, 0, 5, 10, 15, 5),
        (1, 1, 0, 1, 0, 1, 1),
        (1, 1, 0, 1, 1, 2, 1),
        (1, 2, 1, 1, 1, 1, 0),
        (0, 0, 0, 2, 4, 0, 0),
        (4, 6, 0, 2, 2, 4, 2),      # a group that is to shrink does so with the first batch
        (4, 6, 0, 2, 4, 6, 2),
    ])
def test_heats_arithmetic(target, current, up_to_date, batch_size, minimum, capacity, batch):
    assert next_batch(target, current, up_to_date, batch_size, minimum) == (capacity, batch)


def sequence(nodes, batch_size, minimum):
    """(capacity, batch, old nodes that go) until nothing is outdated."""
    old, new, found = nodes, 0, []
    while old or new != nodes:
        capacity, batch = next_batch(nodes, old + new, new, batch_size, minimum)
        going = old + new - (capacity - batch)
        found.append((capacity, batch, going))
        old, new = old - going, new + batch
    return found


@pytest.mark.parametrize(("nodes", "batch_size", "minimum", "batches"), [
    (6, 2, 4, [(6, 2, 2)] * 3),
    (6, 2, 6, [(8, 2, 0), (8, 2, 2), (8, 2, 2), (6, 0, 2)]),
    (12, 2, 10, [(12, 2, 2)] * 6),
    (5, 2, 3, [(5, 2, 2), (5, 2, 2), (5, 1, 1)]),
    (3, 1, 0, [(3, 1, 1)] * 3),
    (3, 3, 0, [(3, 3, 3)]),
    (3, 3, 3, [(6, 3, 0), (3, 0, 3)]),
    (4, 3, 2, [(5, 3, 2), (4, 1, 2)]),
    (0, 2, 1, []),
])
def test_the_batches_of_a_whole_update(nodes, batch_size, minimum, batches):
    assert sequence(nodes, batch_size, minimum) == batches


@given(st.integers(1, 30), st.integers(1, 35), st.integers(0, 35))
def test_every_sequence_renews_all_and_keeps_the_minimum(nodes, batch_size, minimum):
    old, new = nodes, 0
    for capacity, batch, going in sequence(nodes, batch_size, minimum):
        assert 0 <= going <= old
        assert old + new - going >= min(minimum, nodes), "in service while new ones are made"
        assert capacity <= nodes + batch
        old, new = old - going, new + batch
    assert (old, new) == (0, nodes)


@pytest.mark.parametrize(("minimum", "most", "fit"), [
    (7, 9, (9, 2)), (7, 8, (8, 1)), (8, 8, None), (8, 9, (9, 1)), (9, 8, None), (0, 8, (8, 2))])
def test_a_batch_that_max_nodes_has_no_room_for_is_made_smaller(minimum, most, fit):
    assert fitting_batch(8, 8, 0, UpdatePolicy(minimum, 2), most) == fit


# The moves.

def crew(*units, **more):
    """Old and new units by letters: o, n serve; O, N do not; x is left alone and new."""
    of = {"o": {"outdated": True}, "n": {}, "O": {"outdated": True, "serves": False},
          "N": {"serves": False}, "x": {"serves": False, "left_alone": True}}
    there = tuple(Standing((f"{kind}{number}",), **of[kind])
                  for number, kind in enumerate("".join(units), 1))
    present = {server for unit in there for server in unit.servers} | set(more.pop("gone", ()))
    return Crew(there, frozenset(present), **more)


def web(minimum=0, batch=1, pause=0, failures=3, progress=None, **changes):
    policy = UpdatePolicy(minimum, batch, pause, failures)
    return group(**{"desired_nodes": 6, "rolling_update": RollingUpdate(NOW, policy),
                    "rolling_progress": progress, **changes})


def under_way(*batch, **more):
    return RollingProgress(NOW, **{"total": 6, "batches": 1, "batch": batch, **more})


def test_without_a_rolling_update_the_group_is_as_desired():
    answer = renew(group(), crew("ooo"), NOW)
    assert (answer.capacity, answer.victims, answer.progress) == (3, frozenset(), None)


def test_a_batch_begins_with_the_first_of_those_that_are_outdated():
    answer = renew(web(4, 2), crew("nooooo"), NOW)
    assert answer.victims == {"o2", "o3"}
    assert answer.capacity == 6
    assert answer.progress == under_way("o2", "o3", total=5)


def test_who_does_not_serve_goes_first_for_nobody_misses_it():
    assert renew(web(4, 2), crew("oooOoO"), NOW).victims == {"O4", "O6"}


def test_it_grows_first_where_it_must():
    answer = renew(web(6, 2), crew("oooooo"), NOW)
    assert (answer.capacity, answer.victims) == (8, frozenset())


@pytest.mark.parametrize(("there", "gone", "capacity"), [
    ("oooo", ("v",), 6), ("oooonN", (), 6), ("oooon", (), 6), ("oooonn", ("v",), 6)])
def test_the_next_batch_waits_until_the_old_are_gone_and_the_new_serve(there, gone, capacity):
    answer = renew(web(4, 2, progress=under_way("v")), crew(there, gone=gone), NOW)
    assert (answer.capacity, answer.victims) == (capacity, frozenset())
    assert answer.progress.batches == 1
    assert answer.awaited


def test_the_next_batch_begins_when_the_last_is_over():
    answer = renew(web(4, 2, progress=under_way("v", "w")), crew("oooonn"), NOW)
    assert answer.victims == {"o1", "o2"}
    assert answer.progress == under_way("o1", "o2", batches=2, renewed=2)


def test_an_operators_node_is_not_waited_for():
    assert renew(web(0, 1, progress=under_way("v")), crew("oooonx"), NOW).victims == {"o1"}


def test_nobody_goes_while_too_few_serve_through_no_doing_of_the_update():
    waits = under_way("o1", "o2")
    assert renew(web(4, 2, progress=waits), crew("ooOOoo"), NOW).victims == set()
    assert renew(web(4, 2, progress=waits), crew("ooOooo"), NOW).victims == {"o1"}
    assert renew(web(4, 2, progress=waits), crew("oooooo"), NOW).victims == {"o1", "o2"}


def test_a_batch_that_can_not_go_on_is_chosen_anew():
    """All are there, serve and stay, so that nothing will change by itself."""
    narrow = web(6, 2, max_nodes=6, progress=under_way("o1", surge=1))
    answer = renew(narrow, crew("oooooo"), NOW)
    assert (answer.capacity, answer.victims, answer.awaited) == (6, set(), ())
    assert "no node can be spared" in answer.problems[0]
    leaves = renew(narrow, crew("ooooon", gone=("v",)), NOW)
    assert leaves.problems == (), "who is not there any more may be what makes room"


def test_nobody_goes_before_a_group_is_whole():
    assert renew(web(0, 2), crew("ooooo"), NOW).victims == set()
    assert renew(web(0, 2), crew("oooooo", complete=False), NOW).victims == set()


def test_a_broken_release_can_be_renewed_though_nothing_serves():
    assert renew(web(4, 2), crew("OOOOOO"), NOW).victims == {"O1", "O2"}


def test_it_shrinks_in_the_end_and_is_done_then():
    progress = under_way(batches=3, surge=2)
    shrinks = renew(web(6, 2, progress=progress), crew("oonnnnnn"), NOW)
    assert (shrinks.capacity, shrinks.victims) == (6, {"o1", "o2"})
    done = renew(web(6, 2, progress=shrinks.progress), crew("nnnnnn"), NOW)
    assert (done.capacity, done.progress.state, done.progress.renewed) == (6, "done", 6)


def test_a_pause_begins_when_a_batch_ends_and_is_kept_as_a_time():
    first = renew(web(0, 2, pause=300, progress=under_way("v", "w")), crew("oooonn"), NOW + 50)
    assert first.victims == set()
    assert first.progress.ended == NOW + 50
    assert first.resting == (
        "rolling update: 2 of 6 renewed, the next batch begins in 5 min",)
    assert first.awaited == ()
    later = web(0, 2, pause=300, progress=first.progress)
    assert renew(later, crew("oooonn"), NOW + 349).victims == set()
    assert renew(later, crew("oooonn"), NOW + 350).victims == {"o1", "o2"}


def test_a_short_pause_holds_the_convergence():
    short = renew(web(0, 2, pause=20, progress=under_way("v", "w")), crew("oooonn"), NOW)
    assert (len(short.awaited), short.resting) == (1, ())


def test_the_group_stays_as_large_as_it_has_grown_while_it_pauses():
    paused = under_way(ended=NOW, surge=2)
    assert renew(web(6, 2, pause=300, progress=paused), crew("oooooonn"), NOW + 1).capacity == 8


def test_it_stops_after_so_many_failures_and_needs_a_person():
    progress = under_way("o1", failed=("a", "b"), surge=1)
    answer = renew(web(0, 1, progress=progress),
                   crew("oooooN", failed={"b": "web-b is in state ERROR",
                                          "c": "web-c is in state ERROR"}), NOW)
    assert (answer.capacity, answer.victims) == (6, frozenset())
    assert answer.progress.state == "stopped"
    assert answer.progress.ended == NOW
    assert answer.progress.reason == (
        "3 new servers failed: web-b is in state ERROR and web-c is in state ERROR")
    assert answer.problems[0].startswith("the rolling update was stopped after 0 of 6: 3 new")
    again = renew(web(0, 1, progress=answer.progress), crew("oooooo"), NOW)
    assert again.problems == answer.problems


def test_after_a_stop_no_node_is_made_for_a_while():
    stopped = web(0, 1, progress=under_way(state="stopped", ended=NOW, failed=("a",)))
    assert renew(stopped, crew("ooooo"), NOW + 299).capacity == 5
    assert renew(stopped, crew("ooooo"), NOW + 300).capacity == 6
    failed_again = renew(stopped, crew("ooooo", failed={"b": "b"}), NOW + 350)
    assert (failed_again.capacity, failed_again.progress.ended) == (5, NOW + 350)


def test_fewer_failures_do_not_stop_it():
    progress = under_way("v", failed=("a",))
    answer = renew(web(0, 1, progress=progress), crew("ooooon", failed={"b": "b"}), NOW)
    assert (answer.progress.state, answer.progress.failed) == ("running", ("a", "b"))


def test_one_that_was_stopped_is_done_when_the_cloud_has_made_the_rest_well():
    stopped = under_way(state="stopped", reason="3 new servers failed")
    assert renew(web(progress=stopped), crew("nnnnnn"), NOW).progress.state == "done"
    assert renew(web(progress=stopped), crew("nnnnnN"), NOW).problems


@pytest.mark.parametrize("state", ["running", "stopped"])
def test_cancelling_ends_it(state):
    wished = web(progress=under_way("o1", state=state, surge=2))
    wished = replace(wished, rolling_update=replace(wished.rolling_update, cancelled=True))
    answer = renew(wished, crew("oooooonn"), NOW)
    assert (answer.capacity, answer.victims, answer.problems) == (6, frozenset(), ())
    assert answer.progress.state == "cancelled"


def test_a_second_update_goes_on_with_what_is_left_and_keeps_what_has_grown():
    old = replace(under_way("o1", surge=2, failed=("a", "b")), of=NOW - 500)
    answer = renew(web(6, 2, progress=old), crew("oooonnnn"), NOW)
    assert (answer.capacity, answer.victims) == (8, {"o1", "o2"})
    assert (answer.progress.of, answer.progress.total, answer.progress.failed) == (NOW, 4, ())


def test_who_is_protected_meanwhile_is_not_waited_for():
    """Its standing is no longer outdated, and so it is none of the batch."""
    answer = renew(web(0, 1, progress=under_way("n6")), crew("ooooon"), NOW)
    assert answer.victims == {"o1"}


def test_a_wish_for_more_counts_at_once_and_one_for_less_too():
    progress = under_way("o1", surge=2)
    there = crew("oooooonn")
    for wished, capacity in [({"desired_nodes": 8}, 10), ({"desired_nodes": 4}, 6),
                             ({"max_nodes": 7}, 7)]:
        assert renew(web(6, 2, progress=progress, **wished), there, NOW).capacity == capacity


def test_where_no_batch_fits_it_says_what_to_change():
    answer = renew(web(6, 2, max_nodes=6), crew("oooooo"), NOW)
    assert answer.victims == set()
    assert answer.problems == (
        "rolling update: no node can be spared: min_instances_in_service is 6 and max_nodes is 6; "
        "raise max_nodes, or lower min_instances_in_service to 5",)


def test_what_is_left_as_it_is_is_said():
    answer = renew(web(), crew("nnn", kept=("web-3",)), NOW)
    assert answer.progress.state == "done"
    assert told(None, answer.progress) == [
        "rolling update: done, all nodes have the current launch configuration but web-3"]


def test_the_chat_hears_of_each_batch_that_ends_and_nothing_twice():
    begun, ended = under_way("v"), under_way(ended=NOW, renewed=2)
    assert told(None, begun) == []
    assert told(begun, replace(begun, renewed=1)) == []
    assert told(begun, ended) == ["rolling update: 2 of 6 renewed"]
    assert told(begun, under_way("w", batches=2, renewed=2)) == ["rolling update: 2 of 6 renewed"]
    assert told(ended, under_way("w", batches=2, renewed=2)) == []
    assert told(ended, ended) == []
    done = replace(ended, state="done")
    assert len(told(ended, done)) == 1
    assert told(done, done) == []


def test_the_batches_that_the_documentation_shows_are_those_that_are_made():
    text = (Path(__file__).parents[3] / "docs" / "rolling-updates.md").read_text()
    rows = re.findall(r"^\| (\d+) \| (\d+) \| ([\d ,then]+) \| (\d+) \|$", text, re.MULTILINE)
    assert len(rows) == 6
    for batch_size, minimum, sizes, least in rows:
        batches = sequence(6, int(batch_size), int(minimum))
        assert [capacity for capacity, _, _ in batches] == [
            int(size) for size in re.findall(r"\d+", sizes)]
        assert min(capacity - batch for capacity, batch, _ in batches) == int(least)
