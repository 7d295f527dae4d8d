from __future__ import annotations

import pytest

from autoscale.core.alerts import Alert, Malformed, read
from tests.core.alerts.samples import sample, without


@pytest.mark.parametrize(("name", "state", "text"), [
    ("aodh_alarm", "open",
     "Transition to alarm due to 3 samples outside threshold, most recent: 91.5"),
    ("aodh_ok", "closed",
     "Transition to ok due to 3 samples inside threshold, most recent: 34.2")])
def test_an_alarm_opens_and_ok_closes(name, state, text):
    assert read(sample(name), "aodh") == (Alert("My shop", state, "critical", "aodh", text),)


def test_insufficient_data_neither_opens_nor_closes_anything():
    assert read(sample("aodh_insufficient_data"), "aodh") == ()


@pytest.mark.parametrize(("alarm", "application"), [
    ("My shop", "My shop"), ("My shop: CPU", "My shop"), ("My shop:CPU", "My shop:CPU"),
    ("Shop: EU: CPU is high", "Shop: EU"), (" My shop : CPU", "My shop")])
def test_an_alarms_name_begins_with_the_application(alarm, application):
    assert read(sample("aodh_alarm", alarm_name=alarm), "aodh")[0].application == application


@pytest.mark.parametrize(("given", "severity"), [
    ("critical", "critical"), ("moderate", "warning"), ("low", "warning"), (None, "warning")])
def test_what_a_severity_means(given, severity):
    assert read(sample("aodh_alarm", severity=given), "aodh")[0].severity == severity


def test_an_alarm_without_a_reason_says_its_name():
    assert read(sample("aodh_alarm", reason=None), "aodh")[0].text == "My shop: CPU is high"


@pytest.mark.parametrize(("body", "missing"), [
    (without("aodh_alarm", "current"), "current is none of alarm, ok, insufficient data"),
    (sample("aodh_alarm", current="unknown"), "current is none of"),
    (sample("aodh_alarm", current=""), "current is none of"),
    (without("aodh_alarm", "alarm_name"), "no alarm_name"),
    (sample("aodh_alarm", alarm_name=": CPU"), "no alarm_name"),
])
def test_a_malformed_body_is_refused_saying_what_is_missing(body, missing):
    with pytest.raises(Malformed, match=missing):
        read(body, "aodh")
