"""Runs of hooks: each begins once, and writes down under a key of its own how it ended."""
from __future__ import annotations

import json
from typing import Any, Mapping
from urllib.parse import unquote

from autoscale import groups
from autoscale.core import keys, outputs
from autoscale.core.group import Group
from autoscale.core.healing import is_tended
from autoscale.core.hooks import (
    CONFIGURE,
    SELECT_VICTIMS,
    HookResult,
    HookRun,
    decode_result,
    encode_result,
)
from autoscale.core.planning.profiles import CONFIGURED_MARK
from autoscale.parts import Parts
from autoscale.seams import CloudError


def begin(parts: Parts, asg: str, run: str, since: int) -> dict[str, Any]:
    """What the run has to do: ``{start, message, action, parameters}``.

    ``start`` is False for one that has begun before, or that nobody waits for any more: the
    trigger of a run may come twice, or late.
    """
    group = groups.load(parts.store, asg)
    this = _awaited(group, run, since)
    if group is None or this is None:
        return {"start": False, "message": f"nobody waits for {run} of {asg} any more"}
    if _written(parts, asg, run, since):
        return {"start": False, "message": f"{run} of {asg} has begun already"}
    _write(parts, asg, run, HookResult(since, int(parts.clock())))
    hook = group.hooks[this.point]
    return {"start": True, "message": f"{run} of {asg} begins", "action": hook.action,
            "parameters": {**given(group, this), **hook.parameters}}


def given(group: Group, run: HookRun) -> dict[str, Any]:
    """What a hook's action is told beside the parameters that the group's owner has set.

    StackStorm's own actions know none of it, and would refuse it.
    """
    if group.hooks[run.point].action.startswith("core."):
        return {}
    if run.point == SELECT_VICTIMS:
        return {"asg": group.name, "candidates": list(run.candidates), "count": run.count}
    return {"asg": group.name, "node": run.name, "node_id": run.server, "address": run.address}


def end(parts: Parts, asg: str, run: str, since: int, ok: bool, output: str) -> dict[str, Any]:
    """Write down how the run ended; answer ``{message, converge}``.

    ``output``: what its action answered, as percent-encoded JSON. ``converge``: nobody is looking
    after the group at this moment, and the run's end is to be followed up.
    """
    answered = json.loads(unquote(output)) if output else None
    group = groups.load(parts.store, asg)
    before = _written(parts, asg, run, since)
    this = _awaited(group, run, since)
    if group is None or this is None or before is None or before.ended:
        return {"message": f"nobody waits for {run} of {asg} any more", "converge": False}
    now = int(parts.clock())
    _write(parts, asg, run, HookResult(
        since, before.begun, now, ok,
        outputs.shown(answered, _secrets(parts.config, group.hooks[this.point].parameters)),
        outputs.names(answered) if this.point == SELECT_VICTIMS else ()))
    message = f"{run} of {asg} has {'succeeded' if ok else 'failed'}"
    if ok and this.point == CONFIGURE:
        message += _tagged(parts, this.server)
    return {"message": message, "converge": not is_tended(group, now)}


def _awaited(group: Group | None, run: str, since: int) -> HookRun | None:
    """The run, if the group waits for this very one."""
    this = group.hook_runs.get(run) if group else None
    if group is None or this is None or this.since != since or this.outcome:
        return None
    return this if this.point in group.hooks and group.hooks[this.point].action else None


def _tagged(parts: Parts, server: str) -> str:
    """Mark the server for good; until that works, what was written down counts as well."""
    try:
        parts.cloud.servers.tag(server, {CONFIGURED_MARK: "True"})
    except CloudError as error:
        return f"; its server could not be marked: {error}"
    return ""


def _written(parts: Parts, asg: str, run: str, since: int) -> HookResult | None:
    text = parts.store.get(_key(asg, run))
    try:
        result = decode_result(json.loads(text or "null"))
    except keys.BROKEN:
        return None
    return result if result.since == since else None


def _write(parts: Parts, asg: str, run: str, result: HookResult) -> None:
    parts.store.set(_key(asg, run), json.dumps(encode_result(result)))


def _key(asg: str, run: str) -> str:
    return keys.key(asg, keys.HOOK_RESULT + run)


def _secrets(*known: Mapping[str, Any]) -> list[str]:
    return [secret for each in known for secret in outputs.secrets_among(each)]
