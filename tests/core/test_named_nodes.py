"""People name nodes at random while all else goes wrong: what they protect or release is never
deleted, and what they adopt costs nobody its place."""
from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from autoscale.core.deciding import decide
from autoscale.core.deciding.nodes import settled
from autoscale.core.observation import Server
from autoscale.core.planning.fates import Fate, fate
from autoscale.core.requests import Request
from tests.core.model import FAULTS, Cloud, Loop, with_addresses
from tests.core.test_convergence import ENOUGH, FOREIGN_NODES, FOREIGN_RECORDS, Watch, worlds

KINDS = ("adopt", "adopt", "release", "protect", "protect", "unprotect", "delete_node", "exact")
STRANGERS = tuple(
    with_addresses(Server(f"s80{number}", f"shop-{number}", "ACTIVE", 1, 1))
    for number in range(4))


class Guarded(Cloud):
    """Asserts of each deletion that nobody had asked for the server to be kept."""

    def _DeleteServer(self, group, step):  # noqa: N802
        server = self.servers.get(step.server)
        if server and not group.deleted:
            assert server.group == group.name, "it was nobody's, or somebody else's"
            broken = fate(server, group, self.now) is Fate.BROKEN
            assert broken or server.name not in group.protected
            assert server.leaving or server.name not in group.releasing
        super()._DeleteServer(group, step)


def people(chance, loop):
    """One request of somebody's, decided on as it would be; they may die half way in adopting."""
    cloud, kind = loop.cloud, chance.choice(KINDS)
    live = cloud.live("web")
    named = [s for s in cloud.servers.values() if s in STRANGERS] if kind == "adopt" else live
    if not named:
        return
    server = chance.choice(named)
    request = Request(kind, node=server.name, server=server, replace=chance.random() < 0.5,
                      taken=tuple(s.name for s in live), nodes=chance.randrange(4))
    changes = dict(decide(loop.group, request, cloud.now).changes)
    if "adopting" in changes and kind == "adopt":
        if chance.random() < 0.3:
            del changes["desired_nodes"]
        changes["adopting"] = settled(changes["adopting"])
    loop.group = replace(loop.group, **changes)


def started(world):
    group, cloud = world
    guarded = Guarded(**vars(cloud))
    for server in STRANGERS:
        guarded.servers[server.id] = server
    return Loop(replace(group, evict=()), guarded)


@given(worlds(), st.lists(st.sampled_from(["", *FAULTS]), max_size=25), st.integers(0, 10**6),
       st.booleans())
def test_nobody_loses_what_they_keep_whatever_fails(world, faults, seed, deleted):
    loop = started(world)
    loop.check, loop.faults = Watch(loop.group, loop.cloud), faults
    chance = random.Random(seed)
    for _ in range(10):
        people(chance, loop)
        loop.cycle(lambda steps: chance.sample(steps, len(steps)))
        if chance.random() < 0.2 and loop.cloud.live("web"):
            loop.cloud.lose(chance.choice(loop.cloud.live("web")).id)
    released = [s.id for s in loop.cloud.live("web") if s.name in loop.group.releasing
                and not s.leaving]
    loop.group = replace(loop.group, deleted=deleted)
    loop.settle(ENOUGH)
    for server in released:
        assert loop.cloud.servers[server].metadata == {}
    assert_settled(loop, deleted)


def assert_settled(loop, deleted):
    group, cloud = loop.group, loop.cloud
    ours = cloud.live("web")
    safe = {server.name for server in ours} & set(group.protected)
    names = {server.name for server in ours}
    assert not names & {*group.evict, *group.releasing}
    if deleted:
        assert ours == []
        return
    assert len(ours) == group.desired or (len(ours) > group.desired and names == safe)
    up = {s.address(group.node_network) for s in ours if s.state == "ACTIVE"}
    known = {s.address(group.node_network) for s in ours} | {n.address for n in FOREIGN_NODES}
    joined = {node.address for node in cloud.balancer.nodes}
    assert up <= joined <= known
    hosts = {record.name.split(".")[0] for record in cloud.zone.records
             if record not in FOREIGN_RECORDS}
    assert {s.name for s in ours if s.state == "ACTIVE"} <= hosts <= {*names, "lb"}
