"""Passes of the alarms against New Relic as the region simulates it, on the region's clock."""
from __future__ import annotations

import dataclasses
import random

import pytest

from autoscale import views
from autoscale.alarm_pass import evaluate
from autoscale.ask import ask, asked_for
from autoscale.clouds import connect
from autoscale.core.evaluation import Measurement
from autoscale.newrelic import NewRelic
from autoscale.parts import Parts
from autoscale.seams import Health
from simcloud import Fault, ManualClock, Region, Settings, serve
from tests.support.loop import World
from tests.support.store import DictStore, Lines

KEY = "demo-newrelic-key"
SHOP = "Shop & Söhne"
START = 1_700_000_040.0
"""A whole minute."""


class Watched(World):
    """A world whose minutes are passes of the alarms."""

    def measured(self, application=SHOP, **values):
        self.region.newrelic.measure(application, self.clock.now(), **values)

    def asked(self, pattern=""):
        """The questions that New Relic has had since the last time."""
        calls = self.region.calls.all("GET", f"/newrelic/.*{pattern}")
        self.region.calls.clear()
        return [call.path.rsplit("/", 1)[-1] for call in calls]

    def evaluate(self):
        """A pass as the workflow makes it; the groups where something was accepted."""
        found = [(one["asg"], asked_for(one["asked"])) for one in evaluate(self.parts)["requests"]]
        answers = [ask(self.parts, asg, {**given, "request": "wishes"}) for asg, given in found]
        return [answer["asg"] for answer in answers if answer["accepted"]]

    def minutes(self, count, **values):
        """So many minutes of these values, a pass in each; in which of them something happened."""
        if values:
            self.measured(**values)
        happened = []
        for minute in range(count):
            self.clock.advance(60)
            happened += [minute] * bool(self.evaluate())
        return happened

    def desired(self, asg="web"):
        return int(self.key("desired_nodes", asg))

    def state(self, alarm, asg="web"):
        told = views.alarms(self.store, asg)["alarms"]
        return next(one["state"] for one in told if one["name"] == alarm)

    def restart(self):
        """Other processes: all that is left is in the datastore."""
        self.parts = dataclasses.replace(
            self.parts, monitor=NewRelic(KEY, self.parts.monitor._url),
            store=DictStore(self.store.texts))


@pytest.fixture
def web():
    clock = ManualClock(START)
    region = Region(clock=clock, settings=Settings(
        build_seconds=1, listen=False, newrelic_page_size=2))
    with serve(region) as server:
        config = {"username": region.username, "api_key": region.api_key,
                  "region": region.settings.region_name, "auth_url": server.auth_url}
        world = Watched(region, Parts(
            DictStore(), connect(config, sleep=clock.advance, clock=clock.now), Lines(), config,
            NewRelic(KEY, server.newrelic_url), clock.now, clock.advance, random.Random(7)), clock)
        # Others whose names contain it come first: the one that is meant is on a later page.
        for name in (f"{SHOP} (test)", f"old {SHOP}", f"{SHOP} 2", SHOP):
            region.newrelic.set_health(name, "green")
        world.measured(response_time=100, throughput=600, error_rate=0, apdex_score=0.95, cpu=60)
        group(world)
        world.clock.advance(60)
        yield world
    assert region.observer_errors == []


def group(world, asg="web", **more):
    world.create(asg, **{"application_name": SHOP, "min_nodes": 2, "max_nodes": 8,
                         "expand_delay": 0, "deflate_delay": 0, **more})
    world.set("desired_nodes", "4", asg)
    for name, change in (("grow", 2), ("shrink", -1)):
        world.ask(asg, "policy_create", policy=name,
                  definition={"change_type": "change_in_capacity", "change": change})


def slow(world, asg="web", **more):
    return world.ask(asg, "alarm_create", alarm="slow", definition={
        "metric": "response_time", "comparison": "above", "threshold": 500,
        "policy_alarm": "grow", "policy_ok": "shrink", **more})


def tracking(world, asg="web", **more):
    return world.ask(asg, "alarm_create", alarm="cpu", definition={
        "metric": "cpu", "target": 60, **more})


# What New Relic is asked.

def measure(world, *metrics, application=SHOP, monitor=None):
    end = int(world.clock.now())
    wanted = [Measurement(metric, end - 60, end) for metric in metrics]
    found = (monitor or world.parts.monitor).measure(application, wanted)
    return {one.metric: value for one, value in found.items()}


def test_all_metrics_are_computed_as_new_relic_does(web):
    web.measured(response_time=412.5, throughput=600, error_rate=2.5, apdex_score=0.85, cpu=71)
    web.clock.advance(60)
    web.asked()
    assert measure(web, "apdex", "response_time", "throughput", "error_rate", "cpu") == {
        "response_time": 412.5, "throughput": 600, "error_rate": 2.5, "apdex": 0.85, "cpu": 71}
    assert web.asked() == ["applications.json", "applications.json", "data.json"]


def test_the_period_that_is_asked_for_is_the_one_that_is_answered(web):
    web.measured(cpu=90)
    web.clock.advance(600)
    web.measured(cpu=10)
    web.clock.advance(600)
    now = int(web.clock.now())
    found = web.parts.monitor.measure(SHOP, [
        Measurement("cpu", now - 660, now - 600), Measurement("cpu", now - 60, now)])
    assert [found[one] for one in sorted(found, key=lambda one: one.until)] == [90, 10]


def test_without_requests_there_is_no_response_time_but_a_throughput_of_none(web):
    web.measured(throughput=0)
    web.clock.advance(60)
    assert measure(web, "apdex", "response_time", "error_rate", "throughput") == {"throughput": 0}


@pytest.mark.parametrize("application", ["Shop", "shop & söhne", "Shop & S", "", "Shop%", "#?/"])
def test_only_the_exact_name_counts(web, application):
    assert measure(web, "cpu", application=application) == {}
    assert web.parts.monitor.health(application) is Health.UNKNOWN


@pytest.mark.parametrize("application", ["Till&page=9", "100% Till", "Till+#1", "T\u00fcr & Tor?"])
def test_a_name_with_marks_in_it_is_found(web, application):
    web.region.newrelic.set_health(application, "green")
    assert measure(web, "cpu", application=application) == {"cpu": 10}
    assert web.parts.monitor.health(application) is Health.WELL


def test_an_application_that_does_not_report_has_no_data(web):
    web.region.newrelic.set_health(SHOP, "gray")
    assert measure(web, "cpu", "throughput") == {}


@pytest.mark.parametrize("trouble", [
    {"kind": "fail", "status": 500}, {"kind": "fail", "status": 401}, {"kind": "drop"},
    {"kind": "rate_limit"}, {"kind": "fail", "status": 200, "body": "<html>"},
    {"kind": "fail", "status": 200, "body": {"metric_data": None, "applications": [{}]}}])
@pytest.mark.parametrize("path", ["applications.json", "data.json"])
def test_what_fails_is_missing(web, trouble, path):
    web.region.faults.add(Fault(path=path, count=100, **trouble))
    assert measure(web, "cpu") == {}


def test_a_monitor_that_is_not_there_is_no_error(web):
    assert measure(web, "cpu", monitor=NewRelic(KEY, "http://127.0.0.1:9/")) == {}


# Passes.

def test_three_slow_minutes_grow_the_group_and_quiet_ones_shrink_it_once(web):
    slow(web)
    assert web.minutes(5) == []
    assert web.state("slow") == "ok"
    # A minute's value is known a minute later: the first that counts is the second.
    assert web.minutes(4, response_time=900) == [3]
    assert (web.desired(), web.state("slow")) == (6, "alarm")
    assert web.minutes(10, response_time=100) == [0, 3]
    assert (web.desired(), web.state("slow")) == (7, "ok")
    assert web.region.snapshot()["servers"] == []


def test_flapping_changes_nothing(web):
    slow(web)
    web.minutes(4)
    web.told.clear()
    for _ in range(6):
        assert web.minutes(2, response_time=900) == []
        assert web.minutes(1, response_time=100) == []
    assert (web.desired(), web.state("slow"), web.told) == (4, "ok", [])


def test_a_restart_between_evaluations_loses_and_doubles_nothing(web):
    slow(web)
    web.minutes(4)
    web.measured(response_time=900)
    happened = []
    for minute in range(4):
        web.clock.advance(60)
        web.restart()
        happened += [minute] * bool(web.evaluate())
        web.restart()
        assert web.evaluate() == []
    assert happened == [3]
    assert web.desired() == 6


def test_two_passes_at_the_same_time_count_a_period_once(web):
    slow(web)
    web.minutes(4)
    web.measured(response_time=900)
    for _ in range(4):
        web.clock.advance(60)
        passes = [evaluate(web.parts)["requests"] for _ in range(3)]
        for one in [one for requests in passes for one in requests]:
            ask(web.parts, one["asg"], {**asked_for(one["asked"]), "request": "wishes"})
    assert web.desired() == 6


def test_missing_data_never_change_capacity(web):
    slow(web)
    tracking(web)
    web.minutes(4, cpu=90, response_time=900)
    before = web.desired()
    web.told.clear()
    web.region.faults.add(Fault("fail", path="/newrelic/", status=503, count=10000))
    assert web.minutes(40) == [2], "the minute in which it is told"
    assert web.desired() == before
    assert (web.state("slow"), web.state("cpu")) == ("insufficient", "insufficient")
    assert len(web.told) == 1
    assert "alarm cpu is without data; alarm slow is without data" in web.told[0]


def test_a_group_is_tracked_up_at_once_and_down_slowly(web):
    tracking(web)
    assert web.minutes(8, cpu=90) == [1, 4]
    assert web.desired() == 8
    assert web.minutes(20, cpu=60) == []
    assert web.minutes(40, cpu=15) == [1, 16, 31]
    assert web.desired() == 2


def test_cooldowns_can_be_set(web):
    tracking(web, scale_out_cooldown=0, scale_in_cooldown=120)
    assert web.minutes(3, cpu=75) == [1, 2]
    assert web.desired() == 7
    assert web.minutes(3, cpu=60) == [0], "what is evaluated is the minute before"
    assert web.minutes(10, cpu=15) == [1, 3, 5]
    assert web.desired() == 2


def test_capacity_waits_until_the_application_is_well(web):
    tracking(web)
    web.region.newrelic.set_health(SHOP, "orange")
    assert web.minutes(20, cpu=15) == []
    web.region.newrelic.set_health(SHOP, "green")
    assert web.minutes(1) == [0]


def test_several_wishes_are_one_event(web):
    slow(web, evaluations=1)
    tracking(web)
    web.minutes(2)
    web.told.clear()
    assert web.minutes(2, response_time=900, cpu=75) == [1]
    assert web.desired() == 6
    assert len(web.told) == 1
    event = views.history(web.store, "web", 1)["events"][0]
    assert event["by"] == "alarms"
    assert "slow wants 6 nodes (response_time 900 ms, policy grow)" in event["what"]
    assert "cpu wants 5 nodes (cpu 75 %): lost, the larger wins" in event["what"]


def test_one_application_of_many_groups_is_asked_about_once(web):
    for number in range(5):
        group(web, f"g{number}")
        slow(web, f"g{number}")
        tracking(web, f"g{number}")
    slow(web)
    web.clock.advance(60)
    web.asked()
    evaluate(web.parts)
    assert web.asked() == ["applications.json", "applications.json", "data.json"]


def test_each_group_of_an_application_decides_for_itself(web):
    group(web, "db", max_nodes=4)
    slow(web)
    slow(web, "db", threshold=1000)
    web.minutes(4)
    web.minutes(4, response_time=900)
    assert (web.desired(), web.desired("db")) == (6, 4)


def test_an_alarm_can_watch_another_application(web):
    slow(web, application=f"old {SHOP}")
    web.measured(f"old {SHOP}", response_time=900)
    web.minutes(5)
    assert web.state("slow") == "alarm"


def test_a_calm_minute_costs_no_task(web):
    slow(web)
    tracking(web)
    web.minutes(5)
    web.clock.advance(60)
    assert evaluate(web.parts)["requests"] == []


def test_an_alarm_of_five_minutes_is_evaluated_every_five(web):
    slow(web, period=300)
    web.minutes(15)
    web.measured(response_time=900)
    happened = web.minutes(25)
    assert web.desired() == 4 + 2 * len(happened)
    assert [later - sooner for sooner, later in zip(happened, happened[1:])] in ([5], [5, 5])


@pytest.mark.parametrize("lacking", ["alarms", "key", "anything to do"])
def test_where_there_is_nothing_to_evaluate_a_pass_is_one_listing(web, lacking):
    if lacking != "alarms":
        slow(web)
    if lacking == "key":
        web.parts = dataclasses.replace(web.parts, monitor=None)
    if lacking == "anything to do":
        web.ask("web", "pause")
    web.asked()
    told = evaluate(web.parts)
    assert told["requests"] == []
    assert web.asked() == []
    assert ("newrelic_api_key" if lacking == "key" else "no group has alarms") in told["message"]


def test_a_pass_says_how_many_groups_are_to_be_decided_on(web):
    tracking(web)
    assert evaluate(web.parts)["message"] == "to be decided on: 1 of 1 group with alarms"
    web.evaluate()
    assert evaluate(web.parts)["message"] == "to be decided on: 0 of 1 group with alarms"


def test_without_a_key_whoever_makes_an_alarm_is_told(web):
    web.parts = dataclasses.replace(web.parts, monitor=None)
    assert "no newrelic_api_key is configured" in slow(web)["message"]


def test_a_group_that_can_not_be_read_is_named_and_stops_no_other(web):
    group(web, "db")
    slow(web)
    slow(web, "db")
    web.set("alarm_states", "{{ nonsense", "db")
    web.minutes(4)
    web.minutes(4, response_time=900)
    assert web.desired() == 6
    assert "asg.db.alarm_states" in evaluate(web.parts)["unreadable"][0]
