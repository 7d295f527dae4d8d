"""The group's own load balancer, zone and key pair: made once, found again by their marks."""
from __future__ import annotations

from autoscale.core import names
from autoscale.core.associations import MAIN
from autoscale.core.group import Group
from autoscale.core.launch import balancer_id
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


def load_balancers(group: Group, seen: Observation, now: int) -> Plan:
    """Create the group's own, or adopt what carries its mark; a lost one is a problem."""
    whole = Plan()
    if "load_balancer" in seen.unseen:
        return whole
    balancers = dict(group.balancers)
    for name, association in group.associations.items():
        found = seen.balancer(name)
        if found and not association.id and name != MAIN and _is_own(group, found):
            balancers[name] = found.id
        whole += _judge(group, name, found) if found else _missing(group, name, now)
    formers = {former.name: former.id for former in seen.former_balancers
               if _is_own(group, former)}
    balancers.update({name: formers[called] for name, called in group.left_unseen.items()
                      if called in formers})
    return whole + Plan(learned={"balancers": balancers})


def _missing(group: Group, association: str, now: int) -> Plan:
    """What follows where the load balancer of an association does not exist."""
    known, key = balancer_id(group, association), f"asg.{group.name}"
    if group.associations[association].id:
        return Plan(problems=(
            f"load balancer {known} ({association}) does not exist: correct {key}.load_balancers",))
    if known:
        field = "loadbalancer_id" if association == MAIN else "balancers"
        return Plan(problems=(
            f"load balancer {known} does not exist any more; its servers stay. "
            f"To have a new one made, delete the key {key}.{field}",))
    name = group.balancer_names[association]
    if is_recent(group.reserved.get(name, 0), now, UNSEEN_LIMIT):
        return Plan(awaited=(f"load balancer {name} was asked for and is not seen yet",))
    create = CreateLoadBalancer("the group has none yet", name, now + CREATE_WITHIN, association)
    return Plan(steps=(create,))


def _is_own(group: Group, found: LoadBalancer) -> bool:
    return found.owner == group.name


def _judge(group: Group, association: str, found: LoadBalancer) -> Plan:
    known = balancer_id(group, association)
    if not known and not _is_own(group, found):
        return Plan(problems=(
            f"a load balancer {found.name} ({found.id}) exists and is not this group's: rename "
            "or delete it, or choose another group name",))
    learned = {} if known or association != MAIN else {"loadbalancer_id": found.id}
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
