"""The group's own load balancer, zone and key pair: made once, found again by their marks."""
from __future__ import annotations

from autoscale.core import names
from autoscale.core.group import Group
from autoscale.core.observation import LoadBalancer, Observation, Zone
from autoscale.core.planning.plan import Plan
from autoscale.core.planning.roster import UNSEEN_LIMIT, is_recent
from autoscale.core.planning.staffing import CREATE_WITHIN
from autoscale.core.steps import CreateKeyPair, CreateLoadBalancer, CreateZone, DeleteKeyPair


def key_pair(group: Group, seen: Observation) -> Plan:
    """One key pair for today's ``ssh_pub_key``; those of earlier ones are removed."""
    if "key_pairs" in seen.unseen:
        return Plan()
    ours = [name for name in seen.key_pairs
            if name.startswith(names.key_pair_prefix(group.name))]
    wanted = group.own_key_pair
    steps = [DeleteKeyPair("another key is in use now", name) for name in ours
             if name != group.launch_key]
    if wanted and wanted not in ours:
        create = CreateKeyPair("new servers are to accept the key in ssh_pub_key", wanted)
        return Plan(steps=(create, *steps))
    return Plan(steps=tuple(steps))


def load_balancer(group: Group, seen: Observation, now: int) -> Plan:
    """Create it, or adopt the one that carries the group's mark; a lost one is a problem."""
    found, name = seen.load_balancer, group.load_balancer_name
    if "load_balancer" in seen.unseen:
        return Plan()
    if found:
        return _judge_load_balancer(group, found)
    if group.loadbalancer_id:
        return Plan(problems=(
            f"load balancer {group.loadbalancer_id} does not exist any more; its servers stay. "
            f"To have a new one made, delete the key asg.{group.name}.loadbalancer_id",))
    if is_recent(group.reserved.get(name, 0), now, UNSEEN_LIMIT):
        return Plan(awaited=(f"load balancer {name} was asked for and is not seen yet",))
    return Plan(steps=(CreateLoadBalancer("the group has none yet", name, now + CREATE_WITHIN),))


def _judge_load_balancer(group: Group, found: LoadBalancer) -> Plan:
    if not group.loadbalancer_id and found.owner != group.name:
        return Plan(problems=(
            f"a load balancer {found.name} ({found.id}) exists and is not this group's: rename "
            "or delete it, or choose another group name",))
    learned = {} if group.loadbalancer_id else {"loadbalancer_id": found.id}
    if found.status == "ERROR":
        return Plan(learned=learned, problems=(
            f"load balancer {found.id} is in state ERROR: ask the cloud's support",))
    if not found.changeable:
        return Plan(learned=learned, awaited=(f"load balancer {found.id} is {found.status}",))
    return Plan(learned=learned)


def zone(group: Group, seen: Observation) -> Plan:
    """Create it, or adopt the one whose comment names the group; a lost one is a problem."""
    if "zone" in seen.unseen:
        return Plan()
    if seen.zone:
        return _judge_zone(group, seen.zone)
    if group.dns_zone_id:
        return Plan(problems=(
            f"DNS zone {group.dns_zone_id} does not exist any more. To have a new one made, "
            f"delete the key asg.{group.name}.dns_zone_id",))
    return Plan(steps=(CreateZone("the group has none yet", group.zone_name),))


def _judge_zone(group: Group, found: Zone) -> Plan:
    if group.dns_zone_id:
        return Plan()
    if found.owner != group.name:
        return Plan(problems=(
            f"a DNS zone {found.name} exists and is not this group's: delete it, or choose "
            "another group name or domain",))
    return Plan(learned={"dns_zone_id": found.id})
