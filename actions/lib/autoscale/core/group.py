"""A group: what its owner wishes of it, and what the pack remembers about it."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Mapping

from autoscale.core import names, units
from autoscale.core.alarms import Alarm
from autoscale.core.associations import MAIN, Association
from autoscale.core.checks import Check, HealthCheck
from autoscale.core.evaluation import State
from autoscale.core.hooks import Hook, HookResult, HookRun
from autoscale.core.policies import Policy, Run
from autoscale.core.renewal import RollingProgress, RollingUpdate, UpdatePolicy
from autoscale.core.webhooks import Use, Webhook

SURPLUS = "surplus"
EVICTED = "evicted"
BROKEN = "broken"
UNHEALTHY = "unhealthy"
RENEWED = "renewed"
RELEASED = "released"

DEFAULT_APPLICATION = "Default Application"


@dataclass(frozen=True)
class Departure:
    """A server on its way out.

    ``since``: when it was chosen. ``final``: no longer draining, it can't be taken back.
    ``asked``: when the cloud was last asked to delete it, 0 for not yet. ``why``: one of SURPLUS,
    EVICTED, BROKEN, UNHEALTHY, RENEWED, RELEASED. ``stays``: its hook has abandoned its removal;
    it is on no way out any more, and is kept in addition to the wish. ``drains_since``: when it was
    first seen that it is sent no new requests any more, 0 for not yet.
    """

    since: int
    final: bool = True
    asked: int = 0
    why: str = SURPLUS
    stays: bool = False
    drains_since: int = 0


@dataclass(frozen=True)
class Adoption:
    """A running server that is to become a node of the group.

    ``desired``: what desired_nodes is to be with it, 0 once that is written down: a decision that
    died in between is finished by the next one.
    """

    name: str
    desired: int = 0


@dataclass(frozen=True)
class Problem:
    """Why a group is not well, for people. ``since`` in seconds since 1970.

    ``about`` stays the same while the problem does, whatever its message names this time.
    """

    message: str
    since: int
    about: str = ""


@dataclass(frozen=True)
class Member:
    """Addresses that the pack gave to the load balancer (``node``) and to the zone (``record``).

    ``other``: its address on the other network, where some load balancer may have it too.
    ``homes``: ids of the load balancers that have nodes of it, the group's or not any more.
    ``server``: its id, by which it is looked for when a list does not show it. ``dismissed``: the
    pack itself has asked for its deletion.
    """

    node: str | None = None
    record: str | None = None
    dismissed: bool = False
    server: str | None = None
    other: str | None = None
    homes: tuple[str, ...] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where its nodes may be."""
        return tuple(address for address in (self.node, self.other) if address)


@dataclass(frozen=True)
class Group:
    """A group as its keys ``asg.<name>.<field>`` describe it: one attribute a key.

    Delays are minutes, timestamps seconds since 1970, time-outs seconds.
    """

    name: str
    # The wishes of its owner: configuration.
    min_nodes: int
    max_nodes: int
    vm_image_id: str
    vm_size_id: str
    domain: str
    expand_by: int = 5
    expand_delay: int = 10
    deflate_by: int = 2
    deflate_delay: int = 30
    application_name: str = DEFAULT_APPLICATION
    channel: str = ""
    port: int = 80
    protocol: str = "HTTP"
    node_port: int = 8080
    node_network: str = "private"
    admin_contact: str = ""
    key_name: str = ""
    user_data: str = ""
    health_check: HealthCheck | None = None
    hooks: Mapping[str, Hook] = field(default_factory=dict)
    expand_on: str = "critical"
    build_timeout: int = 3600
    drain_timeout: int = 0
    deletion_policy: str = "oldest_launch_configuration"
    update_policy: UpdatePolicy | None = None
    load_balancers: Mapping[str, Association] = field(default_factory=dict)
    roles: Mapping[str, units.Role] = field(default_factory=dict)
    # Wishes that requests have made since.
    desired_nodes: int = 0
    paused: bool = False
    deleted: bool = False
    active_incident: bool = False
    evict: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    adopting: Mapping[str, Adoption] = field(default_factory=dict)
    releasing: tuple[str, ...] = ()
    hook_answers: Mapping[str, str] = field(default_factory=dict)
    rolling_update: RollingUpdate | None = None
    policies: Mapping[str, Policy] = field(default_factory=dict)
    policy_runs: Mapping[str, Run] = field(default_factory=dict)
    alarms: Mapping[str, Alarm] = field(default_factory=dict)
    alarm_states: Mapping[str, State] = field(default_factory=dict)
    webhooks: Mapping[str, Webhook] = field(default_factory=dict)
    nonces: tuple[Use, ...] = ()
    last_expand_timestamp: int = 0
    last_deflate_timestamp: int = 0
    # ``adopting`` and ``hook_answers`` are by server id, ``balancers`` (ids of the group's own load
    # balancers but the main one) by the association's name, ``hook_runs`` by hooks.run_name.
    # What converging remembers and reports. ``plan`` says which plan is the latest, ``reserved``
    # holds names that were asked for and are not seen yet, ``asked`` those that the cloud was
    # asked for and until when it might have been, ``made`` ids of those made and not looked for
    # yet, ``leaving`` server ids, ``members`` host names, ``health_failures`` ids of newcomers that
    # were replaced in a row, and what each was tried with.
    status: str = "idle"
    health: str = "ACTIVE"
    errors: tuple[Problem, ...] = ()
    total_nodes: int = 0
    looked_at: int = 0
    loadbalancer_id: str = ""
    dns_zone_id: str = ""
    plan: int = 0
    reserved: Mapping[str, int] = field(default_factory=dict)
    asked: Mapping[str, int] = field(default_factory=dict)
    made: Mapping[str, str] = field(default_factory=dict)
    leaving: Mapping[str, Departure] = field(default_factory=dict)
    members: Mapping[str, Member] = field(default_factory=dict)
    balancers: Mapping[str, str] = field(default_factory=dict)
    checks: Mapping[str, Check] = field(default_factory=dict)
    health_failures: Mapping[str, str] = field(default_factory=dict)
    hook_runs: Mapping[str, HookRun] = field(default_factory=dict)
    configure_failures: int = 0
    rolling_progress: RollingProgress | None = None
    # What runs of hooks have written, each under a key of its own, hook.<run>.
    hook_results: Mapping[str, HookResult] = field(default_factory=dict)
    # Not the group's own: the datastore's global key of that name.
    ssh_pub_key: str = ""

    @property
    def desired(self) -> int:
        """The wished number of nodes within today's bounds, which a hand may have moved."""
        return self.clamp(self.desired_nodes)

    def clamp(self, nodes: int) -> int:
        return max(self.min_nodes, min(self.max_nodes, nodes))

    @property
    def noun(self) -> str:
        """What it is counted in, for people: every number of its size goes with this word."""
        return units.noun(self.roles)

    @property
    def load_balancer_name(self) -> str:
        return names.load_balancer_name(self.name)

    @property
    def associations(self) -> Mapping[str, Association]:
        """The load balancers that nodes belong to, by name."""
        return self.load_balancers or {MAIN: Association()}

    @property
    def balancer_names(self) -> dict[str, str]:
        """What the group's own load balancers are called, by association."""
        return {name: names.load_balancer_name(self.name, "" if name == MAIN else name)
                for name, one in self.associations.items() if not one.id}

    @property
    def left_unseen(self) -> dict[str, str]:
        """Own load balancers that were asked for, and that the group has left before anybody saw
        them: what they are called, by association."""
        asked = {name: names.association_of(self.name, name) for name in self.reserved}
        return {association or MAIN: name for name, association in asked.items()
                if association is not None and name not in self.balancer_names.values()}

    @property
    def zone_name(self) -> str:
        return names.zone_name(self.name, self.domain)

    @property
    def own_key_pair(self) -> str | None:
        """The name of the key pair that the pack keeps for the group, if it keeps one."""
        if self.key_name or not self.ssh_pub_key:
            return None
        return names.key_pair_name(self.name, self.ssh_pub_key)

    @property
    def launch_key(self) -> str | None:
        """The key pair that new servers are created with."""
        return self.key_name or self.own_key_pair
