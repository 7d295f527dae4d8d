"""Health checks after joining: who is given up for failing, and above all who is not."""
from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscale.core.associations import Association
from autoscale.core.checks import Check, HealthCheck, mark
from autoscale.core.group import UNHEALTHY, Departure
from autoscale.core.hooks import Hook
from autoscale.core.planning import roster
from autoscale.core.planning.places import door
from autoscale.core.planning.wellness import STALE, judge, told
from autoscale.core.units import Role
from tests.core.examples import NOW, balancer, done, group, planned, seen, server, servers, zone

CHECK = HealthCheck("http", "/ready", grace_period=300, failures=3, interval=10)
OF = mark(CHECK, ("private", 8080))
FIVE = servers(*["ACTIVE"] * 5)
WELL = {f"s{number}" for number in range(1, 6)}


def passed(up=NOW - 1000, **changes):
    return replace(Check(up, passed=True, of=OF), **changes)


def failed(times, ago=10, **changes):
    """A member that has failed so many times in a row, the last time so long ago."""
    return passed(at=NOW - ago, failed=times, **changes)


def checked(there=FIVE, checks=None, check=CHECK, **changes):
    """A group whose nodes have all passed, but for what is said of some."""
    found = {**{s.id: passed() for s in there}, **(checks or {})}
    today = mark(check, ("private", 8080))
    return group(desired_nodes=len(there), health_check=check, checks={
        id: replace(one, of=today if one.of == OF else one.of) for id, one in found.items()},
        **changes)


def judged(of, healthy, there=FIVE, now=NOW, unasked=()):
    look = seen(*there, healthy=None if healthy is None else frozenset(healthy),
                unasked=frozenset(unasked))
    return judge(of, roster.call(of, look, now), look, now)


def but(*ids):
    return WELL - set(ids)


def test_nobody_is_judged_without_a_check_or_without_having_been_asked():
    assert judged(group(checks={"s1": failed(2)}), None).checks == {}
    unlooked = judged(checked(checks={"s1": failed(2)}), None)
    assert unlooked.checks["s1"] == failed(2)
    assert (unlooked.unhealthy, unlooked.awaited, unlooked.problems) == (frozenset(), (), ())


def test_where_all_pass_nothing_changes():
    well = judged(checked(), WELL)
    assert well.checks == checked().checks
    assert (well.unhealthy, well.awaited, well.problems) == (frozenset(), (), ())


@pytest.mark.parametrize(("before", "failures", "unhealthy"), [
    (passed(), 1, False),
    (failed(1), 2, False),
    (failed(2), 3, True),
    (failed(2, ago=9), 2, False),           # once an interval
    (failed(2, ago=-5), 2, False),          # another machine's clock is a little fast
    (failed(2, ago=STALE + 1), 1, False),   # nobody has looked since, or the clock has jumped
    (failed(2, ago=-3600), 1, False),       # the clock was put back
    (failed(2, up=NOW + 9999), 1, False),
    (failed(99, up=NOW - 100), 1, False),   # a hand: so many don't fit into the time
    (Check(0, failed=99, passed=True, of=OF), 1, False),
    (failed(-99), 1, False),
    (failed(2, of="another check"), 1, False),
    (failed(2, replaced=NOW - 99), 1, False),  # given up once, and there again
])
def test_a_member_is_given_up_after_so_many_failures_in_a_row(before, failures, unhealthy):
    well = judged(checked(checks={"s3": before}), but("s3"))
    assert well.checks["s3"].failed == failures
    assert well.unhealthy == ({"s3"} if unhealthy else set())
    assert well.checks["s3"].replaced == (NOW if unhealthy else 0)
    newcomer = before.of != OF or before.replaced
    sentence = ("web-3 is up but fails its health check" if newcomer else
                f"web-3 fails its health check, {failures} of 3")
    assert well.awaited == (() if unhealthy else (sentence,))


def test_one_that_passes_in_between_begins_again():
    well = judged(checked(checks={"s3": failed(2)}), WELL)
    assert well.checks["s3"].failed == 0
    assert well.awaited == ()


@pytest.mark.parametrize(("since", "unhealthy", "awaited"), [
    (299, False, ("web-3 is up but fails its health check",)), (300, True, ())])
def test_a_newcomer_has_the_grace_period_to_pass_for_the_first_time(since, unhealthy, awaited):
    newcomer = failed(9, up=NOW - since, passed=False)
    well = judged(checked(checks={"s3": newcomer}), but("s3"))
    assert bool(well.unhealthy) is unhealthy
    assert well.awaited == awaited


def test_one_that_has_passed_has_no_grace_left():
    assert judged(checked(checks={"s3": failed(2, up=NOW - 50)}), but("s3")).unhealthy == {"s3"}


@pytest.mark.parametrize("gap", [STALE + 1, 10**6])
def test_a_newcomer_that_nobody_looked_at_gets_its_grace_anew(gap):
    newcomer = failed(9, up=NOW - gap - 200, ago=gap, passed=False)
    well = judged(checked(checks={"s3": newcomer}), but("s3"))
    assert well.unhealthy == set()
    assert well.checks["s3"] == Check(NOW, NOW, 1, of=OF)


@pytest.mark.parametrize("changes", [
    {"node_port": 81}, {"node_network": "public"}, {"load_balancers": {"x": Association(port=1)}},
    {"health_check": replace(CHECK, path="/alive")}, {"health_check": replace(CHECK, failures=1)}])
def test_a_check_that_was_changed_counts_from_then(changes):
    changed = replace(checked(checks={"s3": failed(2)}), **changes)
    well = judged(changed, but("s3"))
    assert well.unhealthy == set()
    assert well.awaited == ("web-3 is up but fails its health check",)
    assert well.checks["s1"].passed


@pytest.mark.parametrize("away", [
    {"leaving": {"s3": Departure(NOW)}}, {"leaving": {"s3": Departure(NOW, stays=True)}},
    {"releasing": ("web-3",)}, {"hooks": {"configure": Hook("a.b")}},
    {"roles": {"web": Role(load_balancers=())}}, {"roles": {"other": Role()}}])
def test_who_can_not_pass_is_not_judged(away):
    there = (*FIVE[:2], replace(FIVE[2], metadata={"asg": "web", "asg_role": "web"}), *FIVE[3:])
    well = judged(checked(checks={"s3": failed(2)}, **away), but("s3"), there)
    assert "s3" not in well.checks
    assert well.unhealthy == set()


def test_who_has_no_address_is_not_judged():
    there = (*FIVE[:2], replace(FIVE[2], private=None), *FIVE[3:])
    assert "s3" not in judged(checked(checks={"s3": failed(2)}), but("s3"), there).checks


@pytest.mark.parametrize("state", ["REBOOT", "RESCUE", "ERROR", "BUILD"])
def test_who_is_not_up_begins_anew_when_it_is_back(state):
    there = (*FIVE[:2], replace(FIVE[2], state=state), *FIVE[3:])
    assert "s3" not in judged(checked(checks={"s3": failed(2)}), but("s3"), there).checks


def test_of_those_whom_there_was_no_time_to_ask_nothing_is_concluded():
    asked = checked(checks={"s3": failed(2), "s4": failed(9, passed=False)})
    well = judged(asked, but("s3", "s4"), unasked={"s3", "s4"})
    assert (well.checks["s3"], well.checks["s4"]) == (asked.checks["s3"], asked.checks["s4"])
    assert well.unhealthy == set()
    assert well.awaited == ("web-4 has not been asked for its health yet",)


@pytest.mark.parametrize(("percent", "ill", "share"), [
    (25, 5, 2), (25, 1, 1), (1, 4, 1), (50, 4, 4), (50, 6, 5), (100, 9, 9), (99, 9, 9)])
def test_never_more_than_a_share_is_replaced_at_a_time(percent, ill, share):
    there = servers(*["ACTIVE"] * 10)
    sick = {s.id: failed(2) for s in there[:ill]}
    of = checked(there, sick, replace(CHECK, replace_percent=percent))
    well = judged(of, {s.id for s in there[ill:]}, there)
    assert len(well.unhealthy) == share
    assert len(well.awaited) == ill - share


def test_those_being_replaced_count_until_their_replacements_have_passed():
    gone = Check(NOW - 900, replaced=NOW - 60)
    there = (*FIVE[1:], server(6, age=20))
    of = checked(there, {"s1": gone, "s3": failed(2), "s6": failed(1, passed=False, up=NOW - 20)})
    waits = judged(of, {"s2", "s4", "s5"}, there)
    assert waits.unhealthy == set()
    assert waits.checks["s1"] == gone
    assert waits.awaited == ("web-3 fails its health check, 3 of 3",
                             "web-6 is up but fails its health check")
    goes = judged(of, {"s2", "s4", "s5", "s6"}, there)
    assert goes.unhealthy == {"s3"}
    assert "s1" not in goes.checks


def test_those_on_their_way_out_count_whatever_is_written_of_them():
    there = (*FIVE, server(6, "BUILD"))
    of = replace(checked(FIVE, {"s3": failed(2)}),
                 leaving={"s1": Departure(NOW - 60, why=UNHEALTHY)}, checks={"s3": failed(2)})
    assert judged(of, {"s2", "s4", "s5"}, there).unhealthy == set()


def test_a_replacement_that_never_passes_is_replaced_in_its_turn_and_before_others():
    there = (*FIVE[1:], server(6))
    of = checked(there, {"s1": Check(NOW - 2000, replaced=NOW - 500), "s3": failed(5),
                         "s6": failed(20, up=NOW - 400, passed=False)})
    well = judged(of, {"s2", "s4", "s5"}, there)
    assert well.unhealthy == {"s6"}
    assert "s1" not in well.checks
    again = judged(replace(of, checks=well.checks,
                           leaving={"s6": Departure(NOW, why=UNHEALTHY)}),
                   {"s2", "s4", "s5"}, there, now=NOW + 10)
    assert again.unhealthy == set()


def test_newcomers_that_were_there_before_replace_nobody():
    there = (*FIVE[1:], server(6), server(7))
    late = {id: failed(20, up=NOW - 700, passed=False) for id in ("s6", "s7")}
    of = checked(there, {"s1": Check(NOW - 2000, replaced=NOW - 500), **late})
    assert judged(replace(of, desired_nodes=7), {"s2", "s3", "s4", "s5"}, there).unhealthy == set()


def test_who_has_never_passed_goes_first():
    of = checked(checks={"s3": failed(50), "s4": failed(40, passed=False)})
    assert judged(of, but("s3", "s4")).unhealthy == {"s4"}


@pytest.mark.parametrize("size", [2, 5])
def test_when_all_fail_nothing_is_touched_and_the_group_says_so(size):
    there = FIVE[:size]
    well = judged(checked(there, {s.id: failed(2) for s in there}), set(), there)
    assert well.unhealthy == set()
    assert well.awaited == ()
    assert well.problems[0].startswith(
        f"all {size} servers fail the health check: the check or the network is the likely "
        "culprit, nothing is touched;")


def test_the_only_node_is_not_touched_either():
    well = judged(checked(FIVE[:1], {"s1": failed(2)}), set(), FIVE[:1])
    assert well.unhealthy == set()
    assert well.problems[0].startswith("web-1, the only node that could pass, fails the health")


def test_one_that_fails_longest_is_safe_too_while_nobody_passes():
    states = {"s1": failed(50), "s2": failed(0), "s3": failed(0), "s4": passed(), "s5": failed(1)}
    well = judged(checked(checks=states), set())
    assert well.unhealthy == set()
    assert well.problems


def test_newcomers_in_their_grace_are_no_witnesses():
    there = (FIVE[0], server(6, age=20))
    of = checked(there, {"s1": failed(2), "s6": failed(1, up=NOW - 20, passed=False)})
    well = judged(of, set(), there)
    assert well.unhealthy == set()
    assert well.problems
    assert well.awaited == ("web-6 is up but fails its health check",)


def test_what_was_counted_while_all_failed_is_held_against_nobody():
    outage = {s.id: failed(7) for s in FIVE}
    well = judged(checked(checks=outage), {"s1"})
    assert well.unhealthy == set()
    assert {id: check.failed for id, check in well.checks.items()} == {
        "s1": 0, "s2": 1, "s3": 1, "s4": 1, "s5": 1}


@pytest.mark.parametrize(("ago", "awaited"), [
    (3600, True), (3500, False), (3541, True)])
def test_a_check_that_counts_much_later_is_left_to_self_healing(ago, awaited):
    of = checked(FIVE, {"s3": failed(1, ago, up=NOW - 9000)}, replace(CHECK, interval=3600))
    assert bool(judged(of, but("s3")).awaited) is awaited


def test_roles_that_join_no_load_balancer_are_no_part_of_the_share():
    there = tuple(
        server(10 * unit + number, name=f"{role}-{unit}", metadata={
            "asg": "web", "asg_unit": str(unit), "asg_role": role})
        for unit in range(1, 9) for number, role in enumerate(("web", "work")))
    webs = [s for s in there if s.metadata["asg_role"] == "web"]
    roles = {"web": Role(), "work": Role(load_balancers=())}
    of = replace(checked(there, {s.id: failed(2) for s in webs[:4]}), roles=roles, desired_nodes=8)
    well = judged(of, {s.id for s in there} - {s.id for s in webs[:4]}, there)
    assert len(well.unhealthy) == 2


@pytest.mark.parametrize(("balancers", "role", "expected"), [
    ({}, "", ("private", 8080)),
    ({"b": Association(port=1), "main": Association(port=2, network="public")}, "", ("public", 2)),
    ({"b": Association(port=1), "c": Association(port=2)}, "", ("private", 1)),
    ({"b": Association(port=1), "c": Association(port=2)}, "web", ("private", 2)),
    ({}, "work", None),
])
def test_a_node_is_asked_where_its_first_load_balancer_finds_it(balancers, role, expected):
    roles = {"web": Role(load_balancers=("c",)), "work": Role(load_balancers=())}
    assert door(group(load_balancers=balancers, roles=roles), role) == expected


# In a whole plan.

def test_the_unhealthy_leave_the_load_balancer_at_once_and_are_replaced_at_the_same_time():
    of = checked(checks={"s3": failed(2)}, drain_timeout=600)
    answer = planned(of, seen(*FIVE, healthy=frozenset(but("s3"))))
    assert done(answer, "RemoveNode") == ["web-3"]
    assert done(answer, "CreateServer") == ["new-1"]
    assert done(answer, "DeleteServer") == []
    assert answer.learned["leaving"] == {"s3": Departure(NOW, why=UNHEALTHY)}
    assert answer.learned["checks"]["s3"].replaced == NOW
    out = seen(*FIVE, healthy=frozenset(but("s3")), load_balancer=balancer())
    assert "DeleteServer" in {type(s).__name__ for s in planned(
        replace(of, leaving=answer.learned["leaving"], checks=answer.learned["checks"]),
        out, NOW + 5).steps}


def test_at_max_nodes_the_unhealthy_one_makes_room_first():
    answer = planned(checked(checks={"s3": failed(2)}, max_nodes=5),
                     seen(*FIVE, healthy=frozenset(but("s3"))))
    assert done(answer, "RemoveNode") == ["web-3"]
    assert done(answer, "CreateServer") == []


def test_a_member_that_fails_a_check_stays_where_it_is():
    answer = planned(checked(), seen(*FIVE, healthy=frozenset(but("s3"))))
    assert answer.steps == ()
    assert answer.awaited == ("web-3 fails its health check, 1 of 3",)


def test_the_safety_limit_is_not_for_the_unhealthy():
    of = checked(FIVE, {id: failed(2) for id in but("s1")}, replace(CHECK, replace_percent=100))
    answer = planned(of, seen(*FIVE, healthy=frozenset({"s1"})))
    assert len(done(answer, "RemoveNode")) == 4


def test_all_fail_is_a_problem_of_the_group_and_no_step():
    answer = planned(checked(checks={s.id: failed(2) for s in FIVE}),
                     seen(*FIVE, healthy=frozenset()))
    assert answer.steps == ()
    assert "all 5 servers fail the health check" in answer.problems[0]


def test_a_removed_check_is_forgotten():
    answer = planned(replace(checked(), health_check=None), seen(*FIVE))
    assert answer.learned["checks"] == {}


def test_each_nodes_health_in_words():
    there = (*FIVE, server(6), server(7, "BUILD"), server(8))
    of = replace(checked(there, {"s2": failed(1), "s6": Check(NOW - 9, of=OF)}),
                 leaving={"s8": Departure(NOW, why=UNHEALTHY)})
    look = seen(*there, zone=zone(), healthy=frozenset({"s1", "s5"}), unasked=frozenset({"s4"}))
    words = told(of, roster.call(of, look, NOW), look, NOW)
    assert words == {
        "s1": "passing", "s2": "failing 2 of 3", "s3": "failing 1 of 3", "s4": "unknown",
        "s5": "passing", "s6": "in grace", "s7": "unknown", "s8": "unhealthy, being replaced"}
    unlooked = replace(look, healthy=None)
    assert set(told(of, roster.call(of, unlooked, NOW), unlooked, NOW).values()) == {
        "unknown", "unhealthy, being replaced"}
    assert told(group(), roster.call(group(), look, NOW), look, NOW) == {}


# Whatever happens.

class Ward:
    """A group of nodes, without a cloud: who is given up is replaced by one that comes later."""

    def __init__(self, size, check):
        self.size, self.check, self.now = size, check, NOW
        self.there = list(servers(*["ACTIVE"] * size))
        of = mark(check, ("private", 8080))
        self.group = group(min_nodes=0, max_nodes=3 * size, desired_nodes=size, health_check=check,
                           checks={s.id: Check(NOW - 999, passed=True, of=of) for s in self.there})
        self.ever = {s.id for s in self.there}
        self.given_up = []
        self.coming = []

    def look(self, healthy, seconds):
        """A look at which these pass; then time goes by. Answers who is given up."""
        self.now += seconds
        came = [(due, s) for due, s in self.coming if due <= self.now]
        self.coming = [pair for pair in self.coming if pair not in came]
        self.there += [s for _, s in came]
        passing = frozenset(s.id for s in self.there if s.id in healthy or healthy == "all")
        look = seen(*self.there, healthy=passing)
        well = judge(self.group, roster.call(self.group, look, self.now), look, self.now)
        self.group = replace(self.group, checks=well.checks, health_failures=well.failures)
        self.ever |= passing
        for id in well.unhealthy:
            number = 100 + len(self.given_up)
            self.given_up.append((id, passing))
            self.there = [s for s in self.there if s.id != id]
            self.coming.append((self.now + 45, server(number, age=0, created=self.now)))
        return well.unhealthy


@st.composite
def fortunes(draw):
    """A size, a check, and what happens at each look: who passes, and how long it takes."""
    size = draw(st.integers(1, 9))
    check = HealthCheck("tcp", grace_period=draw(st.sampled_from([0, 30, 300])),
                        failures=draw(st.integers(1, 4)), interval=draw(st.sampled_from([1, 10])),
                        replace_percent=draw(st.sampled_from([1, 25, 50, 100])))
    ids = [*(f"s{n}" for n in range(1, size + 1)), *(f"s{n}" for n in range(100, 110))]
    steps = st.sampled_from([1, 5, 10, 10, 20, 50]) | st.sampled_from([400, 10**5, -10, -10**5])
    looks = draw(st.lists(st.tuples(st.sets(st.sampled_from(ids)) | st.just("all"), steps),
                          max_size=30))
    return Ward(size, check), looks


@given(fortunes())
def test_whatever_is_answered_and_however_time_goes_the_share_holds(fortune):
    ward, looks = fortune
    share = max(1, ward.size * ward.check.replace_percent // 100)
    for healthy, seconds in looks:
        ward.look(healthy, seconds)
        serve = [s for s in ward.there if s.id in ward.ever]
        assert len(serve) >= ward.size - share


@given(fortunes())
def test_nobody_is_ever_given_up_while_nobody_passes(fortune):
    ward, looks = fortune
    for healthy, seconds in looks:
        ward.look(healthy, seconds)
    assert all(passing - {id} for id, passing in ward.given_up)
    assert all(id not in passing for id, passing in ward.given_up)


@given(fortunes(), st.data())
def test_who_passes_now_and_then_stays(fortune, data):
    ward, looks = fortune
    runs = {s.id: 0 for s in ward.there}
    for healthy, seconds in looks:
        passing = {s.id for s in ward.there} if healthy == "all" else set(healthy)
        passing |= {id for id, run in runs.items() if run + 1 >= ward.check.failures}
        runs = {id: 0 if id in passing else run + 1 for id, run in runs.items()}
        assert ward.look(passing, seconds) == frozenset()


keys = st.builds(
    Check, *[st.sampled_from([0, NOW, NOW - 5, NOW - 50, NOW + 50, NOW + 10**9, -7])] * 2,
    st.integers(-5, 99), st.booleans(), st.sampled_from([OF, "", "other"]),
    st.sampled_from([0, NOW - 9, NOW + 9]))


@given(st.dictionaries(st.sampled_from([*sorted(WELL), "s99", ""]), keys),
       st.sets(st.sampled_from(sorted(WELL))))
def test_a_hand_in_the_keys_breaks_neither_the_share_nor_the_rule_for_outages(checks, healthy):
    of = checked(checks=checks)
    well = judged(of, healthy)
    assert len(well.unhealthy) <= 1
    assert not well.unhealthy & healthy
    assert healthy or not well.unhealthy
    assert set(well.checks) <= {*WELL, *(id for id, c in checks.items() if c.replaced)}
