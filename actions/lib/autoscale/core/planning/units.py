"""The group's scaling units as they are: which count, which are whole, what each lacks."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Collection, Iterable, Mapping, Sequence

from autoscale.core.group import Group
from autoscale.core.observation import Server
from autoscale.core.planning.fates import Fate
from autoscale.core.planning.order import Precedence, precedence
from autoscale.core.units import ROLE_MARK, UNIT_MARK, place_of


@dataclass(frozen=True)
class Unit:
    """A scaling unit: one server of each role, by role. Without roles it is one server.

    ``lacks``: roles that nobody has, nor is expected to have. ``up``: it is whole and nothing of
    it is being built. ``rank``: surplus is taken in this order.
    """

    name: str
    servers: Mapping[str, Server]
    lacks: tuple[str, ...] = ()
    up: bool = True
    rank: tuple[Fate, Precedence] = (Fate.ACTIVE, (False, 0.0, ""))

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(server.id for server in self.servers.values())

    def is_called(self, names: Collection[str]) -> bool:
        """Whether the unit or a server of it is among these names."""
        return bool(names) and (
            self.name in names or any(s.name in names for s in self.servers.values()))

    def without(self, away: Collection[str]) -> Unit | None:
        """What is left of it while these servers (ids) are on their way out."""
        left = {role: one for role, one in self.servers.items() if one.id not in away}
        if len(left) == len(self.servers):
            return self
        lacks = (*self.lacks, *(role for role in self.servers if role not in left))
        return Unit(self.name, left, lacks, False, (Fate.BUILDING, self.rank[1])) if left else None


def roles_of(group: Group) -> tuple[str, ...]:
    """The group's roles; without any, each unit has one server, of the role ''."""
    return tuple(group.roles) or ("",)


def place(server: Server, group: Group) -> tuple[str, str]:
    """The unit and the role of a server: by its marks, else by its name."""
    if not group.roles:
        return server.id, ""
    unit, role = place_of(server.name, group.roles)
    return server.metadata.get(UNIT_MARK, unit), server.metadata.get(ROLE_MARK, role)


def expected(group: Group, unseen: Iterable[str]) -> dict[str, set[str]]:
    """By unit, the roles of servers that were asked for and are not seen yet."""
    found: dict[str, set[str]] = {}
    for name in unseen:
        unit, role = place_of(name, group.roles)
        found.setdefault(unit, set()).add(role)
    return found


def compose(
    group: Group, counted: Sequence[Server], fates: Mapping[str, Fate], unseen: Iterable[str],
    current: Collection[str],
) -> tuple[Unit, ...]:
    """The units of the servers that count, surplus first.

    Of two servers in one place the one that stays has it, or else the one that is further on. Who
    has none is a stray.
    """
    there: dict[str, dict[str, Server]] = {}
    away = {server for server, departure in group.leaving.items() if not departure.stays}
    for server in sorted(counted, key=lambda s: (s.id in away, -fates[s.id], s.created, s.name)):
        unit, role = place(server, group)
        if role in roles_of(group):
            there.setdefault(unit, {}).setdefault(role, server)
    coming = expected(group, unseen) if group.roles else {}
    found = (_unit(group, name, servers, coming.get(name, set()), fates, current)
             for name, servers in there.items())
    return tuple(sorted(found, key=lambda unit: unit.rank))


def _unit(
    group: Group, name: str, servers: Mapping[str, Server], coming: Collection[str],
    fates: Mapping[str, Fate], current: Collection[str],
) -> Unit:
    roles, there = roles_of(group), servers.values()
    whole = len(servers) == len(roles)
    least = min(fates[server.id] for server in there) if whole else Fate.BUILDING
    order = precedence(
        group.deletion_policy, any(server.id not in current for server in there),
        min(server.created for server in there), min(server.name for server in there))
    lacks = () if whole else tuple(r for r in roles if r not in servers and r not in coming)
    return Unit(name, servers, lacks, whole and least is not Fate.BUILDING, (least, order))
