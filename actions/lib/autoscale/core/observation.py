"""What was seen of a group in its cloud: servers, load balancer, zone, key pairs, health."""
from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Mapping

from autoscale.core.associations import MAIN

GROUP_MARK = "asg"
"""Metadata key that says which group a server or load balancer belongs to."""


@dataclass(frozen=True)
class Server:
    """A server as its cloud lists it. Times are seconds since 1970, addresses IPv4.

    ``state`` is the cloud's own word in upper case (ACTIVE, BUILD, ERROR ...), ``leaving`` is true
    once the cloud has accepted its deletion.
    """

    id: str
    name: str
    state: str
    created: float
    updated: float
    private: str | None = None
    public: str | None = None
    leaving: bool = False
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def group(self) -> str | None:
        """The group whose mark the server carries."""
        return self.metadata.get(GROUP_MARK)

    def address(self, network: str) -> str | None:
        """The server's address on the network ``private`` or ``public``."""
        return self.private if network == "private" else self.public


@dataclass(frozen=True)
class Node:
    """A member of a load balancer. Its identity is (load balancer, address, port)."""

    address: str
    port: int
    id: str = ""
    condition: str = "ENABLED"
    type: str = "PRIMARY"
    weight: int = 1


@dataclass(frozen=True)
class LoadBalancer:
    """A load balancer with its nodes. It takes changes only while ``status`` is ACTIVE.

    ``weighs``: whether the weights of its nodes count. Where they don't, they can't be seen either.
    """

    id: str
    name: str
    status: str
    address: str | None = None
    owner: str | None = None
    nodes: tuple[Node, ...] = ()
    weighs: bool = True

    @property
    def changeable(self) -> bool:
        return self.status == "ACTIVE"

    @cached_property
    def addresses(self) -> frozenset[str]:
        """Where its nodes are."""
        return frozenset(node.address for node in self.nodes)

    @cached_property
    def doors(self) -> Mapping[tuple[str, int], Node]:
        """Its nodes by address and port."""
        return {(node.address, node.port): node for node in self.nodes}


@dataclass(frozen=True)
class Record:
    """A DNS record; ``name`` is fully qualified, ``ttl`` in seconds."""

    name: str
    data: str
    id: str = ""
    type: str = "A"
    ttl: int = 300


@dataclass(frozen=True)
class Zone:
    """A DNS zone with its records; ``owner`` is the group that its comment names."""

    id: str
    name: str
    owner: str | None = None
    records: tuple[Record, ...] = ()

    @cached_property
    def names(self) -> frozenset[str]:
        """The names that have a record."""
        return frozenset(record.name for record in self.records)


@dataclass(frozen=True)
class Observation:
    """One look at everything that concerns a group.

    ``load_balancer`` and ``zone`` are None when they do not exist. ``healthy`` holds the ids of
    the servers whose health check passed, or is None when nobody was asked; ``unasked`` those that
    there was no time to ask. ``unseen`` says which parts could not be looked at, each with the
    reason: nothing may be concluded of those. ``earlier``: parts that are as an earlier look found
    them: what is not there may be there now.
    ``former_balancers`` are load balancers that servers of the group were made for before the
    group got another one. ``others``: the group's further load balancers, by association.
    """

    servers: tuple[Server, ...] = ()
    load_balancer: LoadBalancer | None = None
    zone: Zone | None = None
    key_pairs: tuple[str, ...] = ()
    healthy: frozenset[str] | None = None
    unasked: frozenset[str] = frozenset()
    unseen: Mapping[str, str] = field(default_factory=dict)
    former_balancers: tuple[LoadBalancer, ...] = ()
    others: Mapping[str, LoadBalancer] = field(default_factory=dict)
    earlier: frozenset[str] = frozenset()

    @cached_property
    def balancers(self) -> tuple[LoadBalancer, ...]:
        """The group's load balancers, and its former ones, each once."""
        main = [self.load_balancer] if self.load_balancer else []
        every = (*main, *self.others.values(), *self.former_balancers)
        return tuple({balancer.id: balancer for balancer in every}.values())

    def balancer(self, association: str) -> LoadBalancer | None:
        """The load balancer of this association, if it exists."""
        return self.load_balancer if association == MAIN else self.others.get(association)

    @property
    def blind_spots(self) -> tuple[str, ...]:
        """A sentence for each part that could not be looked at."""
        return tuple(f"can't see the {part.replace('_', ' ')}: {why}"
                     for part, why in self.unseen.items())
