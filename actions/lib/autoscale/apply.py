"""Applying: one batch of steps becomes calls to the cloud, and what became of each is answered."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Mapping, Optional, Sequence

from autoscale import groups
from autoscale.core import steps as do
from autoscale.core import texts
from autoscale.core.associations import Association
from autoscale.core.deciding.nodes import is_protected
from autoscale.core.group import RENEWED, SURPLUS, Group
from autoscale.core.launch import MARKS, adoption_marks, launch_of
from autoscale.core.observation import Node, Record
from autoscale.core.planning.lifecycle import CONFIGURED_MARK
from autoscale.core.steps import Batch, Step
from autoscale.parts import Parts
from autoscale.seams import Busy, CloudError, Conflict, Gone, Uncertain

AT_ONCE = 10
"""Calls of one batch that are under way at the same time."""

Errors = Sequence[Optional[CloudError]]
"""For each step of a batch: why it failed, or None."""


def apply(parts: Parts, asg: str, encoded: Mapping[str, Any]) -> dict[str, Any]:
    """Apply a batch; answer ``{do, done: [sentence], failed: [{name, message, lasting,
    certain}], retry_after}``. Never raises for what the cloud does or does not."""
    batch = Batch.from_dict(encoded)
    group = groups.load(parts.store, asg)
    if group is None or _is_outdated(group, batch) or _is_overtaken(group, encoded):
        errors: Errors = [Busy("the group's wishes have changed")] * len(batch.steps)
    else:
        errors = APPLIERS[batch.do](parts, group, batch.steps)
    return _answer(parts, group, batch, errors)


def _is_outdated(group: Group, batch: Batch) -> bool:
    """Whether the group has been paused, or is to be deleted, since the batch was planned."""
    if group.deleted:
        return batch.do in ("CreateServer", "AdoptServer", "CreateLoadBalancer", "CreateZone",
                            "CreateKeyPair")
    return group.paused


def _is_overtaken(group: Group, encoded: Mapping[str, Any]) -> bool:
    """Whether another plan was made since: a loop that an event has forked goes on only once.

    Or whether the bound has fallen since the group was read for this one.
    """
    fallen = group.max_nodes < encoded.get("max_nodes", 0) and encoded["do"] == "CreateServer"
    return fallen or "plan" in encoded and encoded["plan"] != group.plan


def _answer(parts: Parts, group: Group | None, batch: Batch, errors: Errors) -> dict[str, Any]:
    done = [step for step, error in zip(batch.steps, errors) if error is None]
    failed = [(step, error) for step, error in zip(batch.steps, errors) if error]
    if group:
        lines = [_SENTENCES[batch.do].format(texts.listed([s.label for s in done]))] * bool(done)
        messages = sorted({str(error) for _, error in failed if not isinstance(error, Busy)})
        lines += [f"{_FAILURES[batch.do]}: {texts.line([message])}" for message in messages]
        parts.tell(group.name, group.channel, *lines)
    waits = [error.retry_after for _, error in failed if error.retry_after]
    return {
        "do": batch.do,
        "done": [f"{step.label}: {step.why}" for step in done],
        "failed": [_failure(step, error) for step, error in failed],
        "retry_after": max(waits, default=0),
    }


def _failure(step: Step, error: CloudError) -> dict[str, Any]:
    return {
        "name": step.label,
        "message": texts.line([str(error)]),
        "lasting": not error.retry and not isinstance(error, Gone),
        "certain": error.certain,
    }


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


APPLIERS: Mapping[str, Callable[[Parts, Group, Sequence[Any]], Errors]] = {
    "CreateServer": _create_servers,
    "AdoptServer": _adopt_servers,
    "ReleaseServer": _release_servers,
    "DeleteServer": _delete_servers,
    "CreateKeyPair": lambda parts, group, steps: _each(
        lambda step: parts.cloud.servers.create_key_pair(step.name, group.ssh_pub_key), steps),
    "DeleteKeyPair": lambda parts, group, steps: _each(
        lambda step: parts.cloud.servers.delete_key_pair(step.name), steps),
    "CreateLoadBalancer": _create_load_balancer,
    "DeleteLoadBalancer": lambda parts, group, steps: _each(
        lambda step: parts.cloud.load_balancers.delete(step.load_balancer), steps),
    "CreateZone": _create_zone,
    "DeleteZone": lambda parts, group, steps: _each(
        lambda step: parts.cloud.dns.delete_zone(step.zone), steps),
    "AddNode": _add_nodes,
    "ChangeNode": _change_nodes,
    "RemoveNode": _remove_nodes,
    "AddRecord": _add_records,
    "RemoveRecord": _remove_records,
}

_SENTENCES = {
    "CreateServer": "servers asked for: {}",
    "AdoptServer": "servers adopted: {}",
    "ReleaseServer": "servers released: {}",
    "DeleteServer": "servers deleted: {}",
    "CreateKeyPair": "key pair created: {}",
    "DeleteKeyPair": "key pair deleted: {}",
    "CreateLoadBalancer": "load balancer asked for: {}",
    "DeleteLoadBalancer": "load balancer deleted: {}",
    "CreateZone": "DNS zone created: {}",
    "DeleteZone": "DNS zone deleted: {}",
    "AddNode": "in the load balancer now: {}",
    "ChangeNode": "load balancer nodes put right: {}",
    "RemoveNode": "out of the load balancer now: {}",
    "AddRecord": "DNS records added: {}",
    "RemoveRecord": "DNS records removed: {}",
}

_FAILURES = {
    "CreateServer": "could not create servers",
    "AdoptServer": "could not adopt servers",
    "ReleaseServer": "could not release servers",
    "DeleteServer": "could not delete servers",
    "CreateKeyPair": "could not create the key pair",
    "DeleteKeyPair": "could not delete the key pair",
    "CreateLoadBalancer": "could not create the load balancer",
    "DeleteLoadBalancer": "could not delete the load balancer",
    "CreateZone": "could not create the DNS zone",
    "DeleteZone": "could not delete the DNS zone",
    "AddNode": "could not add nodes to the load balancer",
    "ChangeNode": "could not change nodes of the load balancer",
    "RemoveNode": "could not take nodes out of the load balancer",
    "AddRecord": "could not add DNS records",
    "RemoveRecord": "could not remove DNS records",
}
