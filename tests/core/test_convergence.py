"""Whatever the start and whatever fails, the loop ends where it should and never leaves its bounds.

``HYPOTHESIS_PROFILE=search pytest tests/core/test_convergence.py`` looks at many more schedules.
"""
from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import event, given
from hypothesis import strategies as st

from autoscale.core.group import Departure, Group, Member
from autoscale.core.hooks import Hook
from autoscale.core.observation import LoadBalancer, Node, Observation, Record, Server, Zone
from autoscale.core.planning import plan
from autoscale.core.planning.roster import Fate, fate
from tests.core.examples import NOW
from tests.core.model import FAULTS, PASSING, Cloud, Loop, with_addresses

STATES = [*["ACTIVE"] * 6, "BUILD", "ERROR", "SHUTOFF", "DELETED", "RESCUE", "SUSPENDED", "ODD",
          *PASSING]
ENOUGH = 60
"""Cycles of 20 s: builds that hang are given up after 300 s, drains take up to 60 s."""

CONDITIONS = st.sampled_from(["ENABLED", "DRAINING", "DISABLED"])
times = st.integers(NOW - 500, NOW + 5) | st.sampled_from([0, NOW + 10**9, -5])

FOREIGN_SERVERS = (
    Server("s901", "web-1", "ACTIVE", NOW - 9, NOW - 9, "10.9.0.1", "192.9.0.1",
           metadata={"asg": "shop"}),
    Server("s902", "web-2", "ERROR", NOW - 9, NOW - 9, "10.9.0.2", "192.9.0.2"))
FOREIGN_NODES = (Node("10.9.0.9", 8080, "n901"), Node("10.9.0.9", 22, "n902", "DISABLED"))
FOREIGN_RECORDS = (
    Record("www.web.example.com", "192.0.2.200", "r901"),
    Record("web.example.com", "ns.example.com", "r902", "NS"),
    Record("web-1.web.example.com", "text", "r903", "TXT"))
FOREIGN_KEY_PAIRS = ("joe", "asg_shop_0123", "asg_webshop_0123")
FOREIGN_IDS = {thing.id for thing in (*FOREIGN_SERVERS, *FOREIGN_NODES, *FOREIGN_RECORDS)}


@st.composite
def groups(draw):
    least = draw(st.integers(0, 3))
    return Group(
        name="web", min_nodes=least, max_nodes=draw(st.integers(max(1, least), 6)),
        vm_image_id="image", vm_size_id="2", domain="example.com",
        desired_nodes=draw(st.integers(0, 8)), build_timeout=300,
        drain_timeout=draw(st.sampled_from([0, 0, 60])),
        node_network=draw(st.sampled_from(["private", "private", "public"])),
        hooks=draw(st.sampled_from([{}, {}, {"configure": Hook("chef.run")}])),
        ssh_pub_key=draw(st.sampled_from(["", "ssh-rsa AAAA"])),
        evict=tuple(draw(st.lists(st.sampled_from(["web-1", "web-2", "web-3", "new-1"]),
                                  max_size=2, unique=True))),
        reserved=draw(st.dictionaries(
            st.sampled_from(["new-1", "new-2", "web-1", "asg_web_lb", ""]), times, max_size=3)),
        leaving=draw(st.dictionaries(
            st.sampled_from(["s1", "s2", "s3", "s999"]),
            st.builds(Departure, times, st.booleans(), times), max_size=2)),
        members=draw(st.dictionaries(
            st.sampled_from(["gone-1", "gone-2", "www-1"]),
            st.builds(Member, st.sampled_from([None, "10.8.0.1"]),
                      st.sampled_from([None, "192.8.0.1"])), max_size=2)),
    )


@st.composite
def worlds(draw, elsewhere=False):
    """A group and its cloud, both in whatever state, and things of others among it.

    ``elsewhere``: nodes may also stand at the other address of their server.
    """
    group = draw(groups())
    ours = [_server(draw, number) for number in range(1, draw(st.integers(0, 7)) + 1)]
    cloud = Cloud(NOW, {server.id: server for server in (*FOREIGN_SERVERS, *ours)})
    cloud.key_pairs = (*FOREIGN_KEY_PAIRS, *draw(st.sampled_from([(), ("asg_web_0123",)])))
    for server in ours:
        if server.leaving or server.state in ("BUILD", "DELETED", *PASSING) and draw(
                st.integers(0, 3)):
            cloud.due[server.id] = NOW + draw(st.integers(1, 100))
    if draw(st.integers(0, 4)):
        cloud.balancer = _balancer(draw, group, ours, elsewhere)
    if draw(st.integers(0, 4)):
        cloud.zone = _zone(draw, ours)
    known = cloud.balancer is not None and draw(st.booleans())
    departed = {server.name: Member(server.address(group.node_network), server.public)
                for server in ours if server.state == "DELETED"}
    return replace(
        group, members={**group.members, **departed}, loadbalancer_id="lb-1" if known else "",
        dns_zone_id="zone-1" if cloud.zone is not None and draw(st.booleans()) else ""), cloud


def _server(draw, number):
    age = draw(st.integers(0, 400))
    bare = Server(
        f"s{number}", f"web-{number}", draw(st.sampled_from(STATES)), NOW - age, NOW - age,
        leaving=draw(st.integers(0, 9)) == 0, metadata={"asg": "web"})
    return bare if bare.state == "BUILD" else with_addresses(bare)


def _balancer(draw, group, ours, elsewhere):
    places = [(address, port) for server in ours if server.private
              for address in (server.private, server.public) for port in (8080, 80)
              if address == server.address(group.node_network)
              or elsewhere and server.state != "DELETED"]
    chosen = draw(st.lists(st.sampled_from(places), max_size=6, unique=True)) if places else []
    nodes = tuple(
        Node(address, port, f"n{number}", draw(CONDITIONS), weight=draw(st.sampled_from([1, 1, 5])))
        for number, (address, port) in enumerate(chosen))
    return LoadBalancer("lb-1", "asg_web_lb", "ACTIVE", "198.51.100.1", "web",
                        (*FOREIGN_NODES, *nodes))


def _zone(draw, ours):
    hosts = ["lb", *(server.name for server in ours)]
    pairs = st.tuples(st.sampled_from(hosts), st.sampled_from(["198.51.100.1", "192.0.0.1"]))
    records = tuple(
        Record(f"{host}.web.example.com", address, f"r{number}")
        for number, (host, address) in enumerate(draw(st.lists(pairs, max_size=5, unique=True))))
    return Zone("zone-1", "web.example.com", "web", (*FOREIGN_RECORDS, *records))


class Watch:
    """What must hold after every single step."""

    def __init__(self, group, cloud):
        self.cloud = cloud
        self.most = group.max_nodes
        self.bound = max(self.most, len(cloud.live("web")))
        self.nodes = FOREIGN_NODES if cloud.balancer else ()
        self.records = FOREIGN_RECORDS if cloud.zone else ()

    def __call__(self):
        live = len(self.cloud.live("web"))
        assert live <= self.bound, f"{live} servers, {self.most} are allowed"
        self.bound = max(self.most, min(self.bound, live))
        assert all(self.cloud.servers.get(server.id) == server for server in FOREIGN_SERVERS)
        assert set(FOREIGN_KEY_PAIRS) <= set(self.cloud.key_pairs)
        if self.cloud.balancer:
            assert set(self.nodes) <= set(self.cloud.balancer.nodes)
        if self.cloud.zone:
            assert set(self.records) <= set(self.cloud.zone.records)


def assert_as_desired(group, cloud):
    """The cloud holds what the group wishes for, nothing less and nothing more."""
    ours = cloud.live("web")
    assert len(ours) == group.desired
    assert not {server.name for server in ours} & set(group.evict)
    up = [server for server in ours if server.state == "ACTIVE"]
    left_alone = {address for server in ours if server not in up
                  for address in (server.private, server.public)}
    nodes = [node for node in cloud.balancer.nodes
             if node not in FOREIGN_NODES and node.address not in left_alone]
    assert sorted((n.address, n.port, n.condition) for n in nodes) == sorted(
        (server.address(group.node_network), 8080, "ENABLED") for server in up)
    assert not cloud.balancer.weighs or {n.weight for n in nodes} <= {1}
    names = {f"{server.name}.web.example.com" for server in ours if server not in up}
    records = [record for record in cloud.zone.records
               if record not in FOREIGN_RECORDS and record.name not in names]
    assert sorted((record.name, record.data) for record in records) == sorted([
        ("lb.web.example.com", "198.51.100.1"),
        *((f"{server.name}.web.example.com", server.public) for server in up)])
    own = {name for name in cloud.key_pairs if name.startswith("asg_web_")}
    assert own == ({group.own_key_pair} if group.own_key_pair else set())
    assert (group.loadbalancer_id, group.dns_zone_id) == ("lb-1", "zone-1")


@given(worlds(), st.lists(st.sampled_from(["", *FAULTS]), max_size=25), st.integers(0, 10**6))
def test_any_start_and_any_faults_end_in_what_is_desired_within_the_bounds(world, faults, seed):
    group, cloud = world
    loop = Loop(group, cloud, Watch(group, cloud), faults)
    chance = random.Random(seed)
    for _ in range(5):
        loop.cycle(lambda steps: chance.sample(steps, len(steps)))
        if chance.random() < 0.3 and cloud.live("web"):
            cloud.lose(chance.choice(cloud.live("web")).id)
    cycles = loop.settle(ENOUGH)
    event(f"cycles: {cycles // 10 * 10} and more")
    assert_as_desired(loop.group, cloud)
    assert loop.cycle().steps == ()


@given(worlds(), st.lists(st.tuples(st.integers(0, 6), st.booleans()), max_size=5),
       st.integers(0, 10**6))
def test_wishes_that_change_on_the_way_end_in_the_last_one(world, wishes, seed):
    group, cloud = world
    loop = Loop(group, cloud, Watch(group, cloud))
    for desired, evicts in wishes:
        names = [server.name for server in cloud.live("web")][:1] if evicts else []
        loop.group = replace(loop.group, desired_nodes=desired,
                             evict=(*loop.group.evict, *names))
        loop.cycle()
    loop.settle(ENOUGH)
    assert_as_desired(loop.group, cloud)


@given(worlds(), st.lists(st.sampled_from(["", *FAULTS]), max_size=10))
def test_a_group_that_is_deleted_leaves_nothing_behind_whatever_its_state(world, faults):
    group, cloud = world
    loop = Loop(replace(group, deleted=True), cloud, Watch(group, cloud), faults)
    loop.settle(ENOUGH)
    assert cloud.live("web") == []
    assert (cloud.balancer, cloud.zone) == (None, None)
    assert set(cloud.key_pairs) == set(FOREIGN_KEY_PAIRS)
    assert loop.cycle().converged


@given(worlds(elsewhere=True))
def test_a_converged_group_plans_nothing(world):
    group, cloud = world
    loop = Loop(group, cloud)
    loop.settle(ENOUGH)
    again = plan(loop.group, cloud.look(), cloud.now, ("never",), force=True)
    assert_as_desired(loop.group, cloud)
    assert again.converged
    assert {name: getattr(loop.group, name) for name in again.learned} == dict(again.learned)


@given(worlds())
def test_where_weights_do_not_count_everything_else_is_put_right(world):
    group, cloud = world
    if cloud.balancer:
        cloud.balancer = replace(cloud.balancer, weighs=False)
    loop = Loop(group, cloud, Watch(group, cloud))
    loop.settle(ENOUGH)
    assert_as_desired(loop.group, cloud)
    assert loop.cycle().steps == ()


def _healthy(group: Group, seen: Observation) -> set[str]:
    """Servers that count, and that nothing is wrong with."""
    return {server.id for server in seen.servers
            if server.group == "web" and fate(server, group, NOW) < Fate.BROKEN}


@given(worlds())
def test_nobody_healthy_leaves_but_surplus_and_the_evicted(world):
    group, cloud = world
    group = replace(group, leaving={})
    seen = cloud.look()
    answer = plan(group, seen, NOW, (f"new-{n}" for n in range(100, 200)), force=True)
    healthy = _healthy(group, seen)
    evicted = {server.id for server in seen.servers if server.name in group.evict}
    chosen = set(answer.learned["leaving"]) & healthy
    surplus = max(0, len(healthy - evicted) - group.desired)
    assert len(chosen - evicted) <= surplus
    assert len(healthy - chosen - evicted) >= min(group.desired, len(healthy - evicted))


@given(worlds())
def test_creations_and_what_exists_stay_within_max_nodes(world):
    group, cloud = world
    answer = plan(group, cloud.look(), NOW, (f"fresh-{n}" for n in range(100)), force=True)
    creates = [step for step in answer.steps if type(step).__name__ == "CreateServer"]
    assert not creates or len(cloud.live("web")) + len(creates) <= group.max_nodes
    assert {step.name for step in creates} <= set(answer.learned["reserved"])


@given(worlds(), st.booleans())
def test_no_step_names_what_is_not_the_groups(world, deleted):
    group, cloud = world
    answer = plan(replace(group, deleted=deleted), cloud.look(), NOW, ("a", "b", "c"),
                  force=True)
    for step in answer.steps:
        named = {getattr(step, part, "") for part in ("server", "node", "record", "name")}
        assert not named & FOREIGN_IDS
        assert not named & set(FOREIGN_KEY_PAIRS)


@given(worlds(), st.randoms(use_true_random=False))
def test_planning_is_deterministic_and_blind_to_the_order_of_listings(world, chance):
    group, cloud = world
    seen = cloud.look()
    first, again = (plan(group, seen, NOW, ("a", "b", "c", "d"), force=True) for _ in range(2))
    assert first == again
    shuffled = replace(seen, servers=tuple(chance.sample(seen.servers, len(seen.servers))))
    other = plan(group, shuffled, NOW, ("a", "b", "c", "d"), force=True)
    assert set(other.steps) == set(first.steps)
    assert other.learned == first.learned


@given(worlds(), st.sets(st.sampled_from(["servers", "load_balancer", "zone", "key_pairs"])),
       st.booleans())
def test_what_nobody_could_see_leads_to_nothing(world, blind, deleted):
    group, cloud = world
    seen = replace(
        cloud.look(), unseen=dict.fromkeys(sorted(blind), "no answer"),
        **{part: () if part in ("servers", "key_pairs") else None for part in blind})
    answer = plan(replace(group, deleted=deleted), seen, NOW, ("a", "b", "c"),
                  force=True)
    kinds = {type(step).__name__ for step in answer.steps}
    if "servers" in blind:
        assert not kinds
    if "load_balancer" in blind:
        assert not kinds & {"CreateLoadBalancer", "AddNode", "RemoveNode", "ChangeNode"}
        assert deleted or not kinds & {"DeleteServer"}
    if "zone" in blind:
        assert not kinds & {"CreateZone", "AddRecord", "RemoveRecord", "DeleteZone"}
    if "key_pairs" in blind:
        assert not kinds & {"CreateKeyPair", "DeleteKeyPair"}
    assert not blind or not answer.converged
