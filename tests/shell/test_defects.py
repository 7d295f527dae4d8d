"""The original pack's defects, one test each: none of them may come back.

Those that concern the governor are in tests/core/test_governor.py and tests/e2e, those of the
requests themselves in test_asking.py.
"""
from __future__ import annotations

import pytest

from autoscale.datastore import StackStormDatastore
from autoscale.edge import answer
from autoscale.intake import requests_of
from autoscale.views import lookup


@pytest.fixture
def web(world):
    world.create(min_nodes=2, max_nodes=6, expand_by=2, application_name="My shop")
    world.converge()
    world.region.calls.clear()
    return world


def servers(world):
    return world.region.snapshot()["servers"]


def test_status_and_timestamps_are_right_after_a_deflation(web):
    web.ask("web", "expand")
    web.converge()
    web.clock.advance(3600)
    web.ask("web", "deflate")
    assert web.key("last_deflate_timestamp") == str(int(web.clock.now()))
    web.converge()
    assert web.key("status") == "idle"


def test_an_expansion_puts_off_the_next_deflation(web):
    web.ask("web", "expand")
    assert not web.ask("web", "deflate")["accepted"]


def test_total_nodes_is_what_was_observed_and_decides_nothing(web):
    web.set("total_nodes", "77")
    web.converge()
    assert web.key("total_nodes") == "2"
    assert len(servers(web)) == 2


def test_a_build_that_fails_is_replaced_and_not_counted(web):
    web.region.tamper.set_server_state(servers(web)[0]["id"], "ERROR")
    web.converge()
    assert [server["status"] for server in servers(web)] == ["ACTIVE", "ACTIVE"]


def test_a_build_that_does_not_end_is_replaced(web):
    web.ask("web", "update", changes={"build_timeout": 300})
    web.region.settings.build_seconds = 10**6
    web.ask("web", "add_node")
    web.converge()
    web.region.settings.build_seconds = 10
    web.converge()
    assert [server["status"] for server in servers(web)] == ["ACTIVE"] * 3


def test_a_slack_that_fails_is_not_in_the_way(web):
    from autoscale.notify import SlackNotifier

    class Log:
        lines: list = []

        def info(self, text, *words):
            self.lines.append(text % words)

        warning = info

    notifier = SlackNotifier("xoxb-secret", "http://127.0.0.1:9/api/", Log())
    notifier.tell("#ops", ["ASG[web] hello"])
    assert any("ASG[web] hello" in line for line in Log.lines)
    assert not any("xoxb-secret" in line for line in Log.lines)


def test_the_groups_key_pair_goes_with_the_group(web):
    web.store.set("ssh_pub_key", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7 ops")
    web.ask("web", "add_node")
    web.converge()
    assert len(web.region.snapshot()["keypairs"]) == 1
    web.ask("web", "delete")
    web.converge()
    assert web.region.snapshot()["keypairs"] == []


def test_many_nodes_join_without_one_rejected_call(web):
    web.ask("web", "expand")
    web.converge()
    assert [call.status for call in web.region.calls.all() if call.status >= 400] == []


def test_a_node_whose_record_is_gone_can_be_deleted(web):
    web.ask("web", "add_node")
    web.converge()
    victim = servers(web)[-1]
    zone = web.region.snapshot()["zones"][0]
    record = next(record for record in web.region.snapshot()["records"]
                  if record["name"].startswith(victim["name"]))
    web.region.tamper.delete_record(zone["id"], record["id"])
    web.ask("web", "delete_node", node=victim["name"])
    assert web.converge()["outcome"] == "converged"
    assert len(servers(web)) == 2


def test_a_second_expansion_never_overlaps_the_first(web):
    web.ask("web", "expand")
    web.ask("web", "expand", force=True)
    web.converge()
    assert len(servers(web)) == 6, "it is one wish for six, not two runs of two"


def test_an_application_is_found_by_its_exact_name_only(web):
    web.create("shop2", application_name="My shop 2")
    assert lookup(web.store, "My shop")["groups"] == ["web"]
    assert lookup(web.store, "shop")["groups"] == []
    assert "My shop 2" in lookup(web.store, "shop")["message"]


def test_an_unknown_application_makes_no_phantom_group(web):
    before = dict(web.store.texts)
    found = requests_of(web.store, {"application": "Nobody's", "state": "open"})
    assert found["requests"] == []
    assert found["message"] == "no group serves Nobody's: nothing to do"
    assert web.store.texts == before


def test_recovery_ends_the_incident(web):
    web.ask("web", "alert")
    assert web.key("active_incident") == "True"
    web.ask("web", "recovery")
    assert web.key("active_incident") == "False"


def test_reading_goes_on_after_the_first_hundred_keys():
    class Service:
        """StackStorm's datastore for somebody who is no admin."""

        def list_values(self, local, prefix, limit=None, offset=0):
            assert local is False
            if limit == -1:
                raise RuntimeError("403: limit is for admins")
            names = [f"{prefix}{n:03}" for n in range(250)]
            return [type("Pair", (), {"name": name, "value": "x"})
                    for name in names[offset:offset + 100]]

    assert len(StackStormDatastore(Service()).list("asg.")) == 250


def test_an_answer_holds_no_template(web):
    """StackStorm would evaluate it in the parameters of the next task."""
    ok, result = answer(lambda: {"a": ["{{ st2kv.system.secret }}", {"{% x %}": "<% ctx(y) %>"}]})
    assert ok
    assert not any(mark in str(result) for mark in ("{{", "{%", "<%"))
