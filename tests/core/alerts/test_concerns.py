"""Which groups an alert concerns, and which of several alerts a group hears."""
from __future__ import annotations

import pytest

from autoscale.core.alerts import PARSERS, Alert, Malformed, read
from autoscale.core.group import Member
from tests.core.alerts.samples import SAMPLES, monitor
from tests.core.examples import group

SHOP = group(application_name="My shop", members={"web-1": Member("10.0.0.1", "192.0.2.1")})


@pytest.mark.parametrize(("application", "concerned"), [
    ("My shop", True), ("My sho", False), ("My shop 2", False), ("my shop", False), ("web", False)])
def test_an_application_concerns_the_groups_of_exactly_that_name(application, concerned):
    assert Alert(application, "open", "critical", "newrelic", "").concerns(SHOP) is concerned


@pytest.mark.parametrize(("server", "concerned"), [
    ("web-1", True), ("web-1.web.example.com", True), ("WEB-9.Web.Example.COM", True),
    ("My shop", True), ("web-2", False), ("web-1.other.example.com", False),
    ("web.example.com", False), ("badweb.example.com", False)])
def test_a_server_concerns_the_group_that_it_is_in(server, concerned):
    assert Alert("", "open", "critical", "newrelic", "", (server,)).concerns(SHOP) is concerned


def test_an_alert_about_an_application_goes_by_that_alone():
    alert = Alert("Blog", "open", "critical", "newrelic", "", ("web-1",))
    assert not alert.concerns(SHOP)


OPEN, TOLD, CLOSED = (Alert("My shop", state, severity, "x", "") for state, severity in (
    ("open", "critical"), ("open", "warning"), ("closed", "critical")))


@pytest.mark.parametrize(("expand_on", "order"), [
    ("critical", [OPEN, CLOSED, TOLD]), ("warning", [OPEN, TOLD, CLOSED])])
def test_what_expands_beats_what_has_ended_which_beats_what_is_only_told(expand_on, order):
    of = group(expand_on=expand_on)
    assert sorted(order, key=lambda alert: alert.weight(of), reverse=True) == order
    assert len({alert.weight(of) for alert in order}) == 3


def test_every_monitor_has_samples_and_reads_them():
    assert {monitor(name) for name in SAMPLES} == set(PARSERS)
    for name, body in SAMPLES.items():
        assert read(body, monitor(name)) or "data" in name


def test_a_monitor_that_there_is_not_is_refused_with_those_that_there_are():
    with pytest.raises(Malformed, match="no monitor 'nagios': use newrelic, alertmanager"):
        read({}, "nagios")
