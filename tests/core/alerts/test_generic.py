from __future__ import annotations

import pytest

from autoscale.core.alerts import Alert, Capacity, Malformed, read
from tests.core.alerts.samples import sample, without


def test_an_alert_opens_and_closes():
    assert read(sample("generic_open"), "generic") == (
        Alert("My shop", "open", "critical", "checkout-probe", "Checkout takes 9 seconds"),)
    assert read(sample("generic_closed"), "generic") == (
        Alert("My shop", "closed", "critical", "checkout-probe", ""),)


def test_a_controller_outside_wishes_for_exactly_so_many_nodes():
    assert read(sample("generic_capacity"), "generic") == (
        Capacity("web", 8, "forecaster", "forecast for 18:00"),)


def test_who_it_is_from_and_why_need_not_be_said():
    assert read({"group": "web", "exact_capacity": 0}, "generic") == (
        Capacity("web", 0, "generic", ""),)


@pytest.mark.parametrize(("body", "missing"), [
    ({}, "neither an application nor an exact_capacity"),
    (without("generic_open", "application"), "neither an application"),
    (without("generic_open", "state"), "state is none of open, closed"),
    (sample("generic_open", state="firing"), "state is none of"),
    (without("generic_open", "severity"), "severity is none of critical, warning"),
    (sample("generic_open", severity="high"), "severity is none of"),
    (without("generic_capacity", "group"), "group is missing"),
    (sample("generic_capacity", group="My web"), "group is missing"),
    (sample("generic_capacity", group="web/../db"), "group is missing"),
    *((sample("generic_capacity", exact_capacity=nodes), "exact_capacity is no whole number")
      for nodes in (-1, 10**6 + 1, True, None, "8", "eight", 8.0, float("inf"), [8])),
])
def test_a_malformed_body_is_refused_saying_what_is_missing(body, missing):
    with pytest.raises(Malformed, match=missing):
        read(body, "generic")
