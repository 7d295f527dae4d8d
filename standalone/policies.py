"""What policies say about an execution: whether it may start, and whether to try it again."""

from __future__ import annotations

from typing import Any, Iterable, Mapping

from standalone.resources import Policy

COUNTED = ("scheduled", "running")
"""The statuses that occupy a place; what is being canceled no longer does."""

_RETRY_ON = {"failed": "failure", "timeout": "timeout"}


def verdict(
    policies: Iterable[Policy],
    document: Mapping[str, Any],
    others: Iterable[Mapping[str, Any]],
) -> str:
    """`run`, `delay` or `cancel`, given the other executions of the same action."""
    counted = [one for one in others if one["status"] in COUNTED]
    for policy in policies:
        alike = [one for one in counted if _alike(policy, document, one)]
        if len(alike) >= int(policy.parameters["threshold"]):
            return str(policy.parameters.get("action", "delay"))
    return "run"


def _alike(policy: Policy, document: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether the other counts for this one: by attribute, those that were given must be equal.

    An attribute that this execution was not given (it has its default) is not compared.
    """
    given, theirs = document["parameters"], other["parameters"]
    attributes = policy.parameters.get("attributes") or ()
    return all(theirs.get(name) == given[name] for name in attributes if name in given)


def retries(policies: Iterable[Policy], document: Mapping[str, Any]) -> Policy | None:
    """The policy by which a failed execution is to be tried again. Children never are."""
    if document.get("parent") or document["context"].get("parent"):
        return None
    done = _retry_count(document)
    for policy in policies:
        wanted = policy.parameters.get("retry_on", "failure")
        if (
            policy.policy_type == "action.retry"
            and _RETRY_ON.get(document["status"]) == wanted
            and done < int(policy.parameters.get("max_retry_count", 2))
        ):
            return policy
    return None


def retry_context(policy: Policy, document: Mapping[str, Any]) -> dict[str, Any]:
    """The context of the next try."""
    retry = {
        "applied_policy": policy.ref,
        "retry_count": _retry_count(document) + 1,
        "retried_liveaction_id": document["liveaction"]["id"],
    }
    return {**document["context"], "policies": {"retry": retry}}


def _retry_count(document: Mapping[str, Any]) -> int:
    return int(document["context"].get("policies", {}).get("retry", {}).get("retry_count", 0))
