"""What each kind of step is in calls to the cloud, and in the words that tell of it."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Callable, Mapping, Optional, Sequence

from autoscale import groups
from autoscale.core import steps as do
from autoscale.core.associations import Association
from autoscale.core.deciding.nodes import is_protected
from autoscale.core.group import RENEWED, SURPLUS, Group
from autoscale.core.launch import MARKS, adoption_marks, launch_of
from autoscale.core.observation import Node, Record
from autoscale.core.planning.profiles import CONFIGURED_MARK
from autoscale.core.steps import Step
from autoscale.parts import Parts
from autoscale.seams import Busy, CloudError, Conflict, Uncertain

AT_ONCE = 10
"""Calls of one batch that are under way at the same time."""

Errors = Sequence[Optional[CloudError]]
"""For each step of a batch: why it failed, or None."""


@dataclass(frozen=True)
class Kind:
    """``carry_out`` makes the calls for steps of a kind, ``done`` and ``failed`` tell of them."""

    carry_out: Callable[[Parts, Group, Sequence[Any]], Errors]
    done: str
    failed: str


def _each(call: Callable[[Any], object], steps: Sequence[Step]) -> Errors:
    """Call for every step, several at a time."""

    def attempt(step: Step) -> CloudError | None:
        try:
            call(step)
        except CloudError as error:
            return error
        return None

    if len(steps) == 1:
        return [attempt(steps[0])]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(attempt, steps))


def _together(call: Callable[[], object], steps: Sequence[Step]) -> Errors:
    """One call for all steps: they share its fate."""
    try:
        call()
    except CloudError as error:
        return [error] * len(steps)
    return [None] * len(steps)


def _create_servers(parts: Parts, group: Group, steps: Sequence[Any]) -> Errors:
    _write_down(parts, group, steps)
    made = dict(group.made)

    def create(step: do.CreateServer) -> None:
        _in_time(parts, step)
        if step.name in group.asked:
            raise Uncertain(f"{step.name} was asked for already: look before trying again")
        launch = launch_of(group, step.name)
        made[step.name] = parts.cloud.servers.create(
            step.name, image=launch.image, size=launch.size, metadata=launch.metadata,
            key_name=group.launch_key, user_data=launch.user_data or None)

    errors = _each(create, steps)
    groups.save(parts.store, group, group.name, {"made": made})
    return errors


def _write_down(parts: Parts, group: Group, steps: Sequence[do.CreateServer]) -> None:
    """That these are asked for: a batch that comes twice must not make servers twice."""
    recent = {name: before for name, before in group.asked.items() if parts.clock() < before}
    groups.save(parts.store, group, group.name,
                {"asked": {**recent, **{step.name: step.before for step in steps}}})


def _in_time(parts: Parts, step: do.CreateServer | do.CreateLoadBalancer) -> None:
    """A reservation runs out: what is asked for later could be asked for twice."""
    if parts.clock() >= step.before:
        raise Busy(f"{step.name} was not asked for in time")


def _adopt_servers(parts: Parts, group: Group, steps: Sequence[Any]) -> Errors:
    """A server has its profile already; whose it is may have changed since it was seen."""
    marks = {**adoption_marks(group), CONFIGURED_MARK: "True"}

    def adopt(step: do.AdoptServer) -> None:
        there = parts.cloud.servers.get(step.server)
        if step.server not in group.adopting or there is None:
            raise Busy(f"server {step.name} is not to be adopted any more")
        if there.group not in (None, "", group.name):
            raise Conflict(f"server {step.name} belongs to group {there.group} now")
        parts.cloud.servers.tag(step.server, marks)

    return _each(adopt, steps)


def _release_servers(parts: Parts, group: Group, steps: Sequence[Any]) -> Errors:
    def release(step: do.ReleaseServer) -> None:
        if step.name not in group.releasing:
            raise Busy(f"server {step.name} is not to be released any more")
        there = parts.cloud.servers.get(step.server)
        if there and there.group == group.name:
            marks = [mark for mark in (CONFIGURED_MARK, *MARKS) if mark in there.metadata]
            parts.cloud.servers.untag(step.server, marks)

    return _each(release, steps)


def _delete_servers(parts: Parts, group: Group, steps: Sequence[Any]) -> Errors:
    """Whom somebody has protected or released since it was planned is not deleted."""

    def delete(step: do.DeleteServer) -> None:
        departure = group.leaving.get(step.server)
        asked_to_stay = is_protected(group, step.name) and not group.deleted and (
            departure is not None and departure.why in (SURPLUS, RENEWED))
        if step.name in group.releasing or asked_to_stay:
            raise Busy(f"server {step.name} is not to be deleted any more")
        parts.cloud.servers.delete(step.server)

    return _each(delete, steps)


def _create_load_balancer(parts: Parts, group: Group, steps: Sequence[Any]) -> Errors:
    def create(step: do.CreateLoadBalancer) -> None:
        _in_time(parts, step)
        if any(found.owner == group.name for found in parts.cloud.load_balancers.find(step.name)):
            return
        own = group.associations.get(step.association, Association())
        parts.cloud.load_balancers.create(
            step.name, port=own.listen or group.port, protocol=own.protocol or group.protocol,
            owner=group.name)

    return _each(create, steps)


def _create_zone(parts: Parts, group: Group, steps: Sequence[Any]) -> Errors:
    email = group.admin_contact or f"admin@{group.domain}"

    def create(step: do.CreateZone) -> None:
        try:
            parts.cloud.dns.create_zone(step.name, email=email, owner=group.name)
        except Conflict:
            there = parts.cloud.dns.find(step.name)
            if there is None or there.owner != group.name:
                raise

    return _each(create, steps)


def _add_nodes(parts: Parts, group: Group, steps: Sequence[Any]) -> Errors:
    nodes = [Node(step.address, step.port, condition=step.condition, weight=step.weight)
             for step in steps]
    return _together(lambda: parts.cloud.load_balancers.add_nodes(steps[0].on, nodes), steps)


def _change_nodes(parts: Parts, group: Group, steps: Sequence[Any]) -> Errors:
    def change(step: do.ChangeNode) -> None:
        parts.cloud.load_balancers.change_node(
            step.on, Node(step.address, step.port, step.node, step.condition,
                          weight=step.weight))

    return [error for step in steps for error in _each(change, [step])]


def _remove_nodes(parts: Parts, group: Group, steps: Sequence[Any]) -> Errors:
    ids = [step.node for step in steps]
    return _together(lambda: parts.cloud.load_balancers.remove_nodes(steps[0].on, ids), steps)


def _add_records(parts: Parts, group: Group, steps: Sequence[Any]) -> Errors:
    records = [Record(step.name, step.data) for step in steps]
    return _together(lambda: parts.cloud.dns.add_records(steps[0].on, records), steps)


def _remove_records(parts: Parts, group: Group, steps: Sequence[Any]) -> Errors:
    ids = [step.record for step in steps]
    return _together(lambda: parts.cloud.dns.remove_records(steps[0].on, ids), steps)


def _create_key_pairs(parts: Parts, group: Group, steps: Sequence[Any]) -> Errors:
    return _each(
        lambda step: parts.cloud.servers.create_key_pair(step.name, group.ssh_pub_key), steps)


def _delete_key_pairs(parts: Parts, group: Group, steps: Sequence[Any]) -> Errors:
    return _each(lambda step: parts.cloud.servers.delete_key_pair(step.name), steps)


def _delete_load_balancers(parts: Parts, group: Group, steps: Sequence[Any]) -> Errors:
    return _each(lambda step: parts.cloud.load_balancers.delete(step.load_balancer), steps)


def _delete_zones(parts: Parts, group: Group, steps: Sequence[Any]) -> Errors:
    return _each(lambda step: parts.cloud.dns.delete_zone(step.zone), steps)


KINDS: Mapping[str, Kind] = {
    "CreateServer": Kind(_create_servers, "servers asked for: {}", "could not create servers"),
    "AdoptServer": Kind(_adopt_servers, "servers adopted: {}", "could not adopt servers"),
    "ReleaseServer": Kind(_release_servers, "servers released: {}", "could not release servers"),
    "DeleteServer": Kind(_delete_servers, "servers deleted: {}", "could not delete servers"),
    "CreateKeyPair": Kind(
        _create_key_pairs, "key pair created: {}", "could not create the key pair"),
    "DeleteKeyPair": Kind(
        _delete_key_pairs, "key pair deleted: {}", "could not delete the key pair"),
    "CreateLoadBalancer": Kind(
        _create_load_balancer, "load balancer asked for: {}", "could not create the load balancer"),
    "DeleteLoadBalancer": Kind(
        _delete_load_balancers, "load balancer deleted: {}", "could not delete the load balancer"),
    "CreateZone": Kind(_create_zone, "DNS zone created: {}", "could not create the DNS zone"),
    "DeleteZone": Kind(_delete_zones, "DNS zone deleted: {}", "could not delete the DNS zone"),
    "AddNode": Kind(
        _add_nodes, "in the load balancer now: {}", "could not add nodes to the load balancer"),
    "ChangeNode": Kind(
        _change_nodes, "load balancer nodes put right: {}",
        "could not change nodes of the load balancer"),
    "RemoveNode": Kind(
        _remove_nodes, "out of the load balancer now: {}",
        "could not take nodes out of the load balancer"),
    "AddRecord": Kind(_add_records, "DNS records added: {}", "could not add DNS records"),
    "RemoveRecord": Kind(
        _remove_records, "DNS records removed: {}", "could not remove DNS records"),
}
