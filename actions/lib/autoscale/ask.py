"""Asking something of a group: the request is checked, decided on, written down and told."""
from __future__ import annotations

import dataclasses
import json
from functools import partial
from typing import Any, Mapping
from urllib.parse import unquote

from autoscale import groups, nodes, webhooks
from autoscale.applying import decide_on_document
from autoscale.core import events, keys, policies, texts
from autoscale.core.deciding import Decision, create, decide
from autoscale.core.deciding.nodes import settled, unfinished
from autoscale.core.fields import CONFIGURATION
from autoscale.core.group import Group
from autoscale.core.requests import BadRequest, Request, configuration, group_name, unmarked
from autoscale.parts import Parts
from autoscale.seams import Health, InvalidLaunch

_QUIET = frozenset({"wishes", "apply"})
"""Requests that are repeated, or only tried: without effect they are no event."""

DEFAULTS = {
    "min_nodes": 3, "max_nodes": 20, "vm_size_id": "2",
    **{field.name: field.default for field in dataclasses.fields(Group)
       if field.name in CONFIGURATION and field.default not in (dataclasses.MISSING, None, "")},
}
"""What a new group has where neither the request nor the pack's configuration says otherwise."""


def asked_for(encoded: str) -> dict[str, Any]:
    """What ``ask`` is given, from percent-encoded JSON.

    Every workflow's input is evaluated again as an expression, and every task's as a template:
    encoded, what people typed passes through both unharmed.
    """
    return dict(json.loads(unquote(encoded or "{}")))


def ask(parts: Parts, asg: object, given: Mapping[str, Any]) -> dict[str, Any]:
    """Decide on a request and write down what follows; answer what people read.

    ``asg`` may be percent-encoded; a group's name stays as it is. ``given``: ``request`` (a kind of
    deciding.KINDS or webhooks.KINDS, create or forget), ``by``, ``chat_user``, ``reason``,
    ``force``, ``node``, ``replace``, ``severity``, ``changes``.
    Raises BadRequest and changes nothing when the request makes no sense.
    """
    name = group_name(unquote(str(asg)))
    if given.get("request") == "forget":
        return groups.forget_deleted(parts.store, name)
    if given.get("request") in webhooks.KINDS:
        existing = _existing(parts, name, Request(given["request"]))
        return webhooks.see_to(parts, existing, given, partial(ask, parts, name))
    request = _request(given)
    _may(parts, request, str(given.get("chat_user") or ""))
    decision, group = _decide(parts, name, request)
    groups.save(parts.store, group, name, decision.changes)
    if policies.unfinished(decision.changes.get("policy_runs", {})) is not None:
        groups.save(parts.store, None, name, {
            "policy_runs": policies.settled(decision.changes["policy_runs"])})
    if unfinished(decision.changes.get("adopting", {})) is not None:
        groups.save(parts.store, None, name, {"adopting": settled(decision.changes["adopting"])})
    said = decision.message + (f" ({request.reason})" if request.reason else "")
    outcome = "done" if decision.accepted else "denied"
    changed = bool(decision.changes) and not decision.quiet
    if changed or (group and request.kind not in _QUIET):
        groups.record(parts.store, name, events.DECIDED, [
            events.event(parts.clock(), request.by, f"{request.kind}: {said}",
                         outcome)])
    channel = decision.changes.get("channel", group.channel if group else "")
    if changed or request.kind == "alert":
        parts.tell(name, channel, texts.line([said]))
    return {
        "asg": name,
        "accepted": decision.accepted,
        "message": f"{name}: {decision.message}",
        "possible_at": decision.possible_at,
        "force": request.force and request.kind in ("deflate", "policy_execute"),
    }


def _request(given: Mapping[str, Any]) -> Request:
    return Request(
        kind=str(given.get("request") or ""),
        by=str(given.get("by") or "someone"),
        reason=str(given.get("reason") or ""),
        force=bool(given.get("force")),
        node=unmarked(given.get("node") or ""),
        replace=bool(given.get("replace")),
        severity=str(given.get("severity") or "critical"),
        changes=configuration(given.get("changes") or {}),
        policy=unmarked(given.get("policy") or ""),
        definition=dict(given.get("definition") or {}),
        due=int(given.get("due") or 0),
        missed=int(given.get("missed") or 0),
        nodes=int(given.get("nodes") or 0),
        alarm=unmarked(given.get("alarm") or ""),
    )


def _may(parts: Parts, request: Request, chat_user: str) -> None:
    """Only the configured people may delete a group from a chat, if any are configured."""
    allowed = parts.config.get("chat_admins") or ()
    if request.kind == "delete" and chat_user and allowed and chat_user not in allowed:
        raise BadRequest(f"{chat_user} is not among the pack's chat_admins, who may delete groups")


def _decide(parts: Parts, name: str, request: Request) -> tuple[Decision, Group | None]:
    if request.kind == "create":
        return _create(parts, name, request), None
    if request.kind == "apply":
        return decide_on_document(parts, name, request, _defaults(parts), _check_launch)
    if request.kind == "delete":
        doomed = _doomed(parts, name)
        if doomed is None:
            return Decision(True, "there is no such group, nothing is left of it"), None
        return decide(doomed, request, parts.clock()), doomed
    readers = {"update": _mended}
    group = readers.get(request.kind, _existing)(parts, name, request)
    if request.kind in nodes.KINDS:
        return _decide_on_node(parts, group, request), group
    if request.kind == "rolling_update":
        request = dataclasses.replace(request, outdated=nodes.outdated(parts, group))
    if request.kind == "update":
        _check_launch(parts, vars(group), request.changes)
    decision = decide(group, request, parts.clock())
    if request.kind in ("alarm_create", "alarm_update") and not parts.monitor:
        decision = dataclasses.replace(decision, message=f"{decision.message}; no newrelic_api_key "
                                       "is configured, so it is not evaluated")
    return _if_it_is_over(parts, group, request, decision), group


def _if_it_is_over(
    parts: Parts, group: Group, request: Request, decision: Decision
) -> Decision:
    """Capacity goes down only when the monitor, if there is one, finds the application well.

    What alarms wish has been asked about by their pass. Whoever names a capacity, a node or a
    policy, by hand or by schedule, has decided.
    """
    if not decision.accepted or request.kind != "deflate" or request.force or not parts.monitor:
        return decision
    health = parts.monitor.health(group.application_name)
    if health is Health.WELL:
        return decision
    return Decision(False, f"nothing changed: the health of {group.application_name} is "
                    f"{health.value}; force=true deflates all the same")


def _existing(parts: Parts, name: str, request: Request) -> Group:
    try:
        group = groups.load(parts.store, name)
    except keys.Unreadable as error:
        raise BadRequest(f"{error}; correct it with st2 key set, or with asg.update") from None
    if group is None:
        raise BadRequest(_unknown(parts, name))
    return _finished(parts, group)


def _finished(parts: Parts, group: Group) -> Group:
    """The group, with what a decision that died half way had left to be written."""
    run, adoption = policies.unfinished(group.policy_runs), unfinished(group.adopting)
    wanted = adoption if run is None else run
    if wanted is None:
        return group
    changes: dict[str, Any] = {
        "desired_nodes": wanted, "policy_runs": policies.settled(group.policy_runs),
        "adopting": settled(group.adopting)}
    groups.save(parts.store, group, group.name, changes)
    return dataclasses.replace(group, **changes)


def _unknown(parts: Parts, name: str) -> str:
    known, _ = groups.load_all(parts.store)
    others = texts.listed([group.name for group in known]) or "none"
    return f"there is no group {name}; the groups are: {others}"


def _mended(parts: Parts, name: str, request: Request) -> Group:
    """The group as it is once the changed fields can be read: an update may correct them."""
    fields = groups.texts(parts.store, name)
    if "desired_nodes" not in fields:
        raise BadRequest(_unknown(parts, name))
    corrections = keys.write(request.changes)
    try:
        return keys.read(name, fields)
    except keys.Unreadable:
        pass
    try:
        mended = keys.read(name, {**fields, **corrections})
    except keys.Unreadable as error:
        raise BadRequest(f"{error}; correct all of these at once") from None
    for field, text in corrections.items():
        parts.store.set(keys.key(name, field), text)
    return mended


def _doomed(parts: Parts, name: str) -> Group | None:
    """The group that is to be deleted, however broken its keys are."""
    fields = groups.texts(parts.store, name)
    if not fields:
        return None
    try:
        return keys.read(name, fields)
    except keys.Unreadable:
        return Group(**{**vars(keys.read_for_deletion(name, fields)), "deleted": False})


def _decide_on_node(parts: Parts, group: Group, request: Request) -> Decision:
    there, request, forgotten = nodes.looked_up(parts, group, request)
    decision = decide(there, request, parts.clock())
    if not decision.changes:
        return decision
    return dataclasses.replace(decision, changes={**forgotten, **decision.changes})


def _check_launch(parts: Parts, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Ask the cloud whether the image and size exist, where they are new."""
    wanted = {field: after.get(field, before.get(field)) for field in ("vm_image_id", "vm_size_id")}
    if all(before.get(field) == value for field, value in wanted.items()):
        return
    try:
        parts.cloud.servers.check_launch(wanted["vm_image_id"], wanted["vm_size_id"])
    except InvalidLaunch as error:
        raise BadRequest(str(error)) from None


def _defaults(parts: Parts) -> dict[str, Any]:
    return {**DEFAULTS, **configuration(parts.config.get("defaults") or {})}


def _create(parts: Parts, name: str, request: Request) -> Decision:
    wanted = {**_defaults(parts), **request.changes}
    missing = [field for field in ("domain", "vm_image_id") if not wanted.get(field)]
    if missing:
        raise BadRequest(f"{texts.listed(missing)} {texts.be(len(missing))} missing: give a "
                         "parameter, or a default in the pack's configuration")
    fields = groups.texts(parts.store, name)
    existing = _configuration_of(name, fields)
    decision = create(existing, Request("create", request.by, changes=wanted), name)
    if existing is None:
        _check_launch(parts, {}, wanted)
        for leftover in set(fields) - set(decision.changes):
            parts.store.delete(keys.key(name, leftover))
    return decision


def _configuration_of(name: str, fields: Mapping[str, str]) -> dict[str, Any] | None:
    """The configuration of a group whose creation was decided; None when it was not."""
    if "deleted" in fields:
        raise BadRequest(f"group {name} is being deleted: try again when it is gone")
    if "desired_nodes" not in fields:
        return None
    try:
        group = keys.read(name, fields)
    except keys.Unreadable as error:
        raise BadRequest(f"group {name} exists, but {error}") from None
    return {field: getattr(group, field) for field in CONFIGURATION}
