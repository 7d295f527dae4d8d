"""Requests that concern webhooks: making, renewing and revoking them."""
from __future__ import annotations

from autoscale.core import texts
from autoscale.core.deciding.decision import Decision, denied
from autoscale.core.group import Group
from autoscale.core.requests import BadRequest
from autoscale.core.webhooks import MOST, Webhook, name_of, parts_of, revoke


def create_webhook(group: Group, key: str, policy: str, capability: bool, now: int) -> Decision:
    """A webhook of this key, which must be new, for a policy that must exist."""
    if group.deleted:
        raise BadRequest(f"{group.name} is being deleted")
    if policy not in group.policies:
        there = texts.listed(sorted(group.policies)) or "none"
        raise BadRequest(f"{group.name} has no policy {policy!r}; its policies are: {there}")
    if sum(not webhook.revoked for webhook in group.webhooks.values()) >= MOST:
        raise BadRequest(f"{group.name} has {MOST} webhooks already: asg.webhook_revoke one")
    by_token = ", its token alone will do" if capability else ""
    return Decision(True, f"webhook {name_of(group.name, key)} made for policy {policy}{by_token}",
                    {"webhooks": {**group.webhooks, key: Webhook(policy, capability, now)}})


def rotate_webhook(group: Group, key: str, now: int) -> Decision:
    """Nothing changes but the secret, which is not here."""
    name = name_of(group.name, key)
    if group.webhooks[key].revoked:
        raise BadRequest(f"webhook {name} is revoked: make a new one with asg.webhook_create")
    return Decision(True, f"webhook {name} has a new secret, the old one is invalid")


def revoke_webhook(group: Group, key: str, now: int) -> Decision:
    """Revoking what is revoked is accepted."""
    name = name_of(group.name, key)
    if group.webhooks[key].revoked:
        return denied(f"webhook {name} is revoked already")
    return Decision(True, f"webhook {name} is revoked", {
        "webhooks": revoke(group.webhooks, key, now)})


def key_of(group: Group, name: str) -> str:
    """The key of the group's webhook of this id."""
    found = parts_of(name)
    if found is None or found[0] != group.name or found[1] not in group.webhooks:
        raise BadRequest(f"{group.name} has no webhook {name!r}: asg.webhook_list names them")
    return found[1]
