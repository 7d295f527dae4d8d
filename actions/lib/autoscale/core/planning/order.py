"""The order in which a group's nodes go, by its deletion policy."""
from __future__ import annotations

import hashlib
from typing import Tuple

Precedence = Tuple[bool, float, str]


def precedence(policy: str, outdated: bool, created: float, identity: str) -> Precedence:
    """What to sort nodes of one fate by: the smaller goes first.

    ``policy``: one of fields.DELETION_POLICIES. ``outdated``: made from an earlier launch
    configuration. ``identity`` tells nodes of one age apart. What is random has to be the same at
    the next look, or another victim would be chosen every time: it is a hash of the identity.
    """
    if policy == "random":
        return False, 0.0, hashlib.sha256(identity.encode()).hexdigest()
    if policy == "newest":
        return False, -created, identity
    return policy != "oldest" and not outdated, created, identity
