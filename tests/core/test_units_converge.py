"""Groups of several roles: whatever the start and the faults, units end whole and within bounds."""
from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from autoscale.core.group import Group
from autoscale.core.observation import Server
from autoscale.core.units import Role
from tests.core.examples import NOW
from tests.core.model import FAULTS, Cloud, Loop, with_addresses

ROLES = {"web": Role(), "worker": Role(load_balancers=())}
UNITS = ["apt-bee", "calm-heron", "deep-lynx", "keen-otter"]
ENOUGH = 60


def _name(place):
    unit, role, _, again = place
    return f"{role}-{unit}{again}"


@st.composite
def worlds(draw):
    group = Group(
        name="web", min_nodes=0, max_nodes=draw(st.integers(1, 4)), vm_image_id="image",
        vm_size_id="2", domain="example.com", desired_nodes=draw(st.integers(0, 5)), roles=ROLES,
        build_timeout=300, drain_timeout=draw(st.sampled_from([0, 60])),
        deletion_policy=draw(st.sampled_from(["oldest", "newest", "random"])))
    places = draw(st.lists(st.tuples(st.sampled_from(UNITS), st.sampled_from(sorted(ROLES)),
                                     st.sampled_from(["ACTIVE", "ACTIVE", "BUILD", "ERROR"]),
                                     st.sampled_from(["", "", "", "-r2"])),
                           max_size=2 * group.max_nodes, unique_by=_name))
    cloud = Cloud(NOW)
    for number, (unit, role, state, again) in enumerate(places, 1):
        server = Server(f"s{number}", f"{role}-{unit}{again}", state, NOW - number, NOW - number,
                        metadata={"asg": "web"})
        cloud.servers[server.id] = server if state == "BUILD" else with_addresses(server)
        if state == "BUILD":
            cloud.due[server.id] = NOW + 30
    return group, cloud


def whole(cloud: Cloud) -> Counter:
    """How many servers of each role each unit has."""
    found: Counter = Counter()
    for server in cloud.live("web"):
        role, _, unit = server.name.partition("-")
        found[re.sub(r"-r[0-9]+$", "", unit), role] += 1
    return found


@given(worlds(), st.lists(st.sampled_from(["", *FAULTS]), max_size=20), st.integers(0, 10**6))
def test_units_end_whole_and_never_are_there_more_servers_than_allowed(world, faults, seed):
    group, cloud = world
    most = group.max_nodes * len(ROLES)

    def check():
        assert len(cloud.live("web")) <= most

    loop = Loop(group, cloud, check, faults)
    chance = random.Random(seed)
    for _ in range(5):
        loop.cycle(lambda steps: chance.sample(steps, len(steps)))
        if chance.random() < 0.3 and cloud.live("web"):
            cloud.lose(chance.choice(cloud.live("web")).id)
    loop.settle(ENOUGH)
    places = whole(cloud)
    assert len({unit for unit, _ in places}) == group.desired
    assert all(places[unit, role] == 1 for unit, _ in list(places) for role in ROLES)
    web = {s.private for s in cloud.live("web") if s.name.startswith("web-")}
    assert {node.address for node in cloud.balancer.nodes} == web


@given(worlds(), st.lists(st.integers(0, 4), max_size=4))
def test_a_wish_that_changes_on_the_way_ends_in_whole_units(world, wishes):
    group, cloud = world
    loop = Loop(group, cloud)
    for desired in wishes:
        loop.group = replace(loop.group, desired_nodes=desired)
        loop.cycle()
    loop.settle(ENOUGH)
    places = whole(cloud)
    assert len({unit for unit, _ in places}) == loop.group.desired
    assert set(places.values()) <= {1}
