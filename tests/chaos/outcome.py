"""What a group at rest has to be like, in the cloud and in its report."""
from __future__ import annotations

from collections import Counter
from typing import Any, Iterable

from autoscale.core.group import Group
from autoscale.core.hooks import BEFORE_TERMINATE, run_name
from autoscale.core.launch import BALANCER_MARK, joined
from autoscale.core.planning.renewing import TRY_AGAIN
from autoscale.core.renewal import RUNNING, STOPPED
from simcloud import Region
from tests.chaos.promises import Promises
from tests.chaos.serving import (
    MARK,
    as_it_counts,
    homes,
    role_of,
    servers_of,
    serves,
    unit_of,
)
from tests.chaos.settings import GIVEN

FOREIGN = "192.0.2."
"""Where strangers are."""


class Outcome:
    """Compares groups with what is desired of them."""

    def __init__(self, region: Region, promises: Promises) -> None:
        self.region = region
        self.promises = promises
        self.forgotten: set[tuple[str, str]] = set()
        """Own load balancers, by group and association, of which people have deleted the key."""

    def same(self, group: Group, what: str, found: object, wanted: object) -> None:
        if found != wanted:
            self.promises.violated(f"{group.name}: {what} are {found}, not {wanted}")

    def live(self, name: str) -> list[Any]:
        with self.region.lock:
            self.region.age()
            return servers_of(self.region, name)

    def check(self, group: Group) -> None:
        servers = self.live(group.name)
        units = self.check_count(group)
        self.same(group, "states", {s.status for s in servers} | {"ACTIVE"}, {"ACTIVE"})
        self.same(group, "servers out of service",
                  [s.name for s in servers if not serves(self.region, group, s)], [])
        self.same(group, "total_nodes", group.total_nodes, units)
        self.same(group, "errors", group.errors, ())
        self.same(group, "reserved", dict(group.reserved), {})
        self.same(group, "leaving", {server: one for server, one in group.leaving.items()
                                     if not one.stays}, {})
        pairs = {n for n in self.region.keypairs.names() if n.startswith(f"asg_{group.name}_")}
        self.same(group, "key pairs", pairs, {group.own_key_pair} - {None})
        self._check_balancers(group, servers)
        self._check_zone(group, servers)
        self.check_given(self.region.servers.all())

    def check_count(self, group: Group) -> int:
        """As many whole units as are desired; more only where all are protected, spared by their
        hook or have not come to its end, or where a rolling update, which may have grown the group,
        waits for all new ones to serve; fewer for a while after one was stopped."""
        servers = self.live(group.name)
        roles = tuple(group.roles) or ("",)
        of = {s.id: unit_of(s) if group.roles else s.id for s in servers}
        has = Counter((of[s.id], role_of(s) if group.roles else "") for s in servers)
        units = set(of.values())
        self.same(group, "units", dict(has), {(unit, role): 1 for unit in units for role in roles})
        spared = {of[s.id] for s in servers if s.id in group.leaving and group.leaving[s.id].stays}
        spared |= {of[s.id] for s in servers if self._finishes(group, s)}
        safe = {of[s.id] for s in servers if {s.name, unit_of(s)} & set(group.protected)}
        free = units - spared - safe
        most = group.max_nodes if is_renewing(group) else group.desired
        least = 0 if self._tries_later(group) else group.desired
        fits = len(units) >= least and (not free or len(units - spared) <= most)
        self.same(group, "servers", len(units), len(units) if fits else group.desired)
        return len(units)

    def _tries_later(self, group: Group) -> bool:
        """Whether what fails in a rolling update that was stopped is not made anew yet."""
        wish, progress = group.rolling_update, group.rolling_progress
        if not wish or not progress or (progress.of, progress.state) != (wish.since, STOPPED):
            return False
        return self.region.now() < progress.ended + TRY_AGAIN

    def _finishes(self, group: Group, server: Any) -> bool:
        run = group.hook_runs.get(run_name(BEFORE_TERMINATE, server.id))
        return server.id in group.leaving and run is not None

    def _check_balancers(self, group: Group, servers: list[Any]) -> None:
        balancers = self.region.load_balancers.all()
        owned = {str(b.id) for b in balancers if is_of(b, group.name)}
        left_and_gone = {one for name, one in group.balancers.items()
                         if name not in group.balancer_names
                         and one not in {str(b.id) for b in balancers}}
        known = {group.loadbalancer_id, *group.balancers.values()} - {"", *left_and_gone}
        self.same(group, "load balancers", owned, known)
        for balancer in balancers:
            mine = {address for s in servers if not self._was_at_home(group, s, balancer)
                    for address in s.addresses}
            left = {address for s in servers for address in s.addresses} - mine
            nodes = sorted(as_it_counts(balancer, n) for n in balancer.nodes.values()
                           if n.address in mine or is_of(balancer, group.name)
                           and not n.address.startswith(FOREIGN) and n.address not in left)
            wanted = sorted(node for s in servers for home, node in homes(self.region, group, s)
                            if home is balancer)
            self.same(group, f"nodes of {balancer.name}", nodes, wanted)
        for server in servers:
            places = list(homes(self.region, group, server))
            if joined(group, role_of(server)) and not places:
                self.promises.violated(f"{group.name}: {server.name} belongs nowhere")

    def _was_at_home(self, group: Group, server: Any, balancer: Any) -> bool:
        """Whether it may have joined that load balancer before the group left it: its nodes stay.

        What was still to be made when the server was is not in its marks.
        """
        marked = server.metadata.get(BALANCER_MARK, "").replace("=", " ").split()
        left = is_of(balancer, group.name) and balancer.name not in group.balancer_names.values()
        return (left or str(balancer.id) in marked) and all(
            home is not balancer for home, _ in homes(self.region, group, server))

    def check_given(self, servers: Iterable[Any]) -> None:
        """In load balancers that are given is nobody but strangers and the groups' servers."""
        known = {address for server in servers if MARK in server.metadata
                 for address in server.addresses}
        for balancer in self.region.load_balancers.all():
            left = [n.address for n in balancer.nodes.values()
                    if not n.address.startswith(FOREIGN) and n.address not in known]
            if balancer.name in GIVEN and left:
                self.promises.violated(f"{balancer.name} has nodes of servers that are gone: "
                                       f"{left}")

    def check_hooks(self, group: Group) -> None:
        """Of the runs of hooks those are kept that say who has a profile, while they are needed."""
        there = {server.id for server in self.live(group.name)}
        left = [name for name, run in group.hook_runs.items()
                if run.point != "configure" or run.server not in there or not run.outcome]
        self.same(group, "runs of hooks left", left, [])
        self.same(group, "results of hooks left",
                  sorted(set(group.hook_results) - set(group.hook_runs)), [])

    def _check_zone(self, group: Group, servers: list[Any]) -> None:
        zones = [z for z in self.region.zones.all() if z.comment == f"{MARK}:{group.name}"]
        self.same(group, "zones", [str(z.id) for z in zones], [group.dns_zone_id])
        for zone in zones:
            gone = {f"lb-{name}.{zone.name}" for name in group.balancers
                    if name not in group.balancer_names}
            gone |= {f"lb-{name}.{zone.name}" for asg, name in self.forgotten
                     if asg == group.name and name not in group.balancer_names}
            records = sorted((r.name, r.data) for r in zone.records.values()
                             if r.type == "A" and not r.data.startswith(FOREIGN)
                             and r.name not in gone)
            wanted = [(f"{s.name}.{zone.name}", s.public) for s in servers]
            wanted += [(f"{_host(group, b)}.{zone.name}", b.address)
                       for b in self.region.load_balancers.all()
                       if is_of(b, group.name) and b.name in group.balancer_names.values()]
            self.same(group, "records", records, sorted(wanted))


def is_renewing(group: Group) -> bool:
    """Whether a rolling update is under way, or about to be."""
    wish, progress = group.rolling_update, group.rolling_progress
    if wish is None:
        return False
    return progress is None or progress.of != wish.since or progress.state == RUNNING


def is_of(balancer: Any, name: str) -> bool:
    return any((pair["key"], pair["value"]) == (MARK, name) for pair in balancer.metadata)


def _host(group: Group, balancer: Any) -> str:
    association = next(one for one, name in group.balancer_names.items() if name == balancer.name)
    return "lb" if association == "main" else f"lb-{association}"
