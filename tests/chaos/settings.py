"""Random configurations of groups: how they are made, and what people change of them later."""
from __future__ import annotations

import random
from typing import Any

from autoscale.core.fields import DELETION_POLICIES
from simcloud.servers.offers import IMAGES

GIVEN = ("given_a", "given_b")
"""Load balancers that are somebody else's, and that groups may join."""

ROLES = {"web": {}, "worker": {"load_balancers": []}}
USER_DATA = ("", "IyEvYmluL3NoCg==", "IyEvYmluL3RydWUK")


def settings(chance: random.Random, given: dict[str, str]) -> dict[str, Any]:
    """A group's configuration. ``given``: ids of load balancers by name."""
    least = chance.choice([0, 1, 2, 3, 4, 5])
    roles = chance.choice([{}, {}, ROLES])
    return {
        "domain": "example.com", "vm_image_id": IMAGES[0].id, "vm_size_id": "2",
        "min_nodes": least, "max_nodes": least + 1 + chance.randrange(5),
        "expand_by": 1 + chance.randrange(3), "deflate_by": 1 + chance.randrange(2),
        "expand_delay": chance.choice([0, 0, 1]), "application_name": "shop",
        "deflate_delay": chance.choice([0, 1, 5]),
        "build_timeout": chance.choice([200, 300]),
        "drain_timeout": chance.choice([0, 0, 20, 60]),
        "deletion_policy": chance.choice(DELETION_POLICIES),
        "update_policy": chance.choice([None, None, update_policy(chance)]),
        "health_check": chance.choice([None, None, health_check(chance)]),
        "roles": roles,
        "load_balancers": load_balancers(chance, given) if chance.random() < 0.5 else {},
        "hooks": hooks(chance),
    }


def load_balancers(chance: random.Random, given: dict[str, str]) -> dict[str, Any]:
    """The main one, perhaps a second own, perhaps one that is given."""
    found: dict[str, Any] = {"main": chance.choice([{}, {"weight": 3}])}
    if chance.random() < 0.6:
        found["tls"] = {"listen": 443, "protocol": "TCP", "port": 8443}
    if chance.random() < 0.6:
        found["shared"] = {"id": given[chance.choice(GIVEN)], "port": 9000,
                           "network": chance.choice(["private", "public"])}
    return found


def health_check(chance: random.Random) -> dict[str, Any]:
    return {"type": "tcp", "grace_period": chance.choice([0, 30, 90]),
            "failures": chance.choice([1, 2, 3]), "interval": chance.choice([1, 10, 20]),
            "replace_percent": chance.choice([1, 25, 50, 100]),
            "attempts": chance.choice([1, 2, 3])}


def hooks(chance: random.Random) -> dict[str, Any]:
    """Any of the points; some without an action, that only wait to be answered."""
    every: dict[str, Any] = {
        "configure": {"action": "examples.profile", "timeout": chance.choice([90, 900]),
                      "default": chance.choice(["abandon", "continue"])},
        "before_terminate": {"action": chance.choice(["examples.finish", "examples.finish", ""]),
                             "timeout": chance.choice([30, 120, 300]),
                             "default": chance.choice(["continue", "continue", "abandon"])},
        "select_victims": {"action": "examples.choose", "timeout": chance.choice([30, 120])},
        "after_create": {"action": "examples.tell", "timeout": 60},
        "after_terminate": {"action": "examples.tell", "timeout": 60},
    }
    return {point: hook for point, hook in every.items() if chance.random() < 0.25}


def update_policy(chance: random.Random, size: int = 3) -> dict[str, Any]:
    """As careful as groups of this size can be, or less, or too careful."""
    return {"min_instances_in_service": max(0, chance.choice([0, 1, size - 1, size - 1, size])),
            "max_batch_size": chance.choice([1, 2, 4]),
            "pause_time": chance.choice([0, 0, 20, 90]),
            "max_failures": chance.choice([1, 3, 20])}


def changes(chance: random.Random, given: dict[str, str]) -> dict[str, Any]:
    """What is changed of a group."""
    least = chance.randrange(4)
    most = least + chance.randrange(6)
    return chance.choice([
        {"min_nodes": least, "max_nodes": most}, {"max_nodes": most}, {"min_nodes": least},
        {"expand_by": 1 + chance.randrange(4)},
        {"vm_size_id": chance.choice(["2", "3", "4"])}, {"vm_size_id": chance.choice(["2", "3"])},
        {"user_data": chance.choice(USER_DATA)},
        {"drain_timeout": chance.choice([0, 20])},
        {"deletion_policy": chance.choice(DELETION_POLICIES)},
        {"update_policy": update_policy(chance)},
        {"health_check": chance.choice([None, health_check(chance)])},
        {"load_balancers": load_balancers(chance, given)},
    ])
