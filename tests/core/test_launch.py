from __future__ import annotations

import pytest

from autoscale.core.launch import launch_mark
from tests.core.examples import group


@pytest.mark.parametrize("change", [
    {"vm_image_id": "other"}, {"vm_size_id": "3"}, {"key_name": "ops"}, {"user_data": "YQ=="},
    {"ssh_pub_key": "ssh-rsa AAAA"}])
def test_another_launch_configuration_is_another_mark(change):
    assert launch_mark(group(**change)) != launch_mark(group())


@pytest.mark.parametrize("change", [
    {"max_nodes": 20}, {"domain": "example.org"}, {"desired_nodes": 1}, {"paused": True},
    {"node_port": 80}])
def test_what_does_not_make_servers_does_not_change_the_mark(change):
    assert launch_mark(group(**change)) == launch_mark(group())


def test_the_mark_is_short_and_does_not_show_its_parts():
    assert len(launch_mark(group(user_data="c2VjcmV0"))) == 12


def test_the_mark_tells_apart_what_runs_together():
    one, other = group(vm_image_id="a", vm_size_id="bc"), group(vm_image_id="ab", vm_size_id="c")
    assert launch_mark(one) != launch_mark(other)
