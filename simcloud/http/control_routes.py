"""The control API: what a test or a person does to the region."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from simcloud.clock import ManualClock
from simcloud.errors import Refused
from simcloud.faults import SCOPES, fault_from
from simcloud.http.exchange import answer, body, the_region

routes = Blueprint("control", __name__, url_prefix="/control")

HELP = """The control API of the simulated region (JSON; errors are a 400 with a sentence):
GET    /control                    this page
GET    /control/state              all servers, load balancers, zones, records, key pairs
GET    /control/calls              the log of API calls: ?method=POST&path=REGEX, newest last
DELETE /control/calls              forget them
GET    /control/faults             the faults in force, with their hits
POST   /control/faults             add one: {"kind": "fail", "method": "POST", "path": "/servers$",
                                   "status": 500, "count": 1, "probability": 1, "seed": 0,
                                   "skip": 0, "after_effect": false}; kinds: %(kinds)s
DELETE /control/faults[/ID]        remove all of them, or one
GET    /control/settings           all settings
PUT    /control/settings           change some: {"build_seconds": 60}
POST   /control/tamper/VERB        a change behind everybody's back, its arguments as JSON:
                                   %(verbs)s
POST   /control/clock/advance      {"seconds": 5}, when the clock is a manual one
GET    /control/slack/messages     what was posted
DELETE /control/slack/messages     forget it
PUT    /control/slack              {"refuse_with": "channel_not_found"}, or null
POST   /control/newrelic/health    {"name": "My shop", "health": "red", "throughput": 100}
POST   /control/newrelic/measured  {"name": "My shop", "cpu": 90}; null: no data
POST   /control/tokens/revoke      all tokens end: the next call gets a 401
"""


@routes.errorhandler(ValueError)
@routes.errorhandler(LookupError)
@routes.errorhandler(TypeError)
def explain(error: Exception) -> Response:
    return answer({"error": str(error.args[0] if error.args else error)}, 400)


@routes.get("")
def show_help() -> Response:
    text = HELP % {"kinds": ", ".join(SCOPES), "verbs": ", ".join(_verbs())}
    return Response(text, content_type="text/plain; charset=utf-8")


@routes.get("/state")
def state() -> Response:
    return answer(the_region().snapshot())


@routes.get("/calls")
def calls() -> Response:
    found = the_region().calls.all(request.args.get("method"), request.args.get("path"))
    return answer({"count": len(found), "calls": [call.to_dict() for call in found]})


@routes.delete("/calls")
def forget_calls() -> Response:
    the_region().calls.clear()
    return answer({})


@routes.get("/faults")
def faults() -> Response:
    return answer({"faults": [fault.to_dict() for fault in the_region().faults]})


@routes.post("/faults")
def add_fault() -> Response:
    fault = fault_from(_object())
    return answer({"id": the_region().faults.add(fault)}, 201)


@routes.delete("/faults")
def clear_faults() -> Response:
    the_region().faults.clear()
    return answer({})


@routes.delete("/faults/<fault_id>")
def remove_fault(fault_id: str) -> Response:
    if not the_region().faults.remove(fault_id):
        raise LookupError(f"there is no fault {fault_id}")
    return answer({})


@routes.get("/settings")
def settings() -> Response:
    return answer(the_region().settings.to_dict())


@routes.put("/settings")
def change_settings() -> Response:
    the_region().settings.change(_object())
    return settings()


@routes.post("/tamper/<verb>")
def tamper(verb: str) -> Response:
    if verb not in _verbs():
        raise LookupError(f"there is no verb {verb!r}; there are {', '.join(_verbs())}")
    return answer({"result": getattr(the_region().tamper, verb)(**_object())})


@routes.post("/clock/advance")
def advance() -> Response:
    clock = the_region().clock
    if not isinstance(clock, ManualClock):
        raise ValueError("this region's clock runs by itself: it can't be advanced")
    clock.advance(float(_object()["seconds"]))
    the_region().age()
    return answer({"now": clock.now()})


@routes.get("/slack/messages")
def messages() -> Response:
    return answer({"messages": the_region().slack.messages})


@routes.delete("/slack/messages")
def forget_messages() -> Response:
    the_region().slack.messages.clear()
    return answer({})


@routes.put("/slack")
def refuse_messages() -> Response:
    the_region().slack.refuse_with = _object()["refuse_with"]
    return answer({"refuse_with": the_region().slack.refuse_with})


@routes.post("/newrelic/health")
def set_health() -> Response:
    return answer({"application": the_region().newrelic.set_health(**_object())})


@routes.post("/newrelic/measured")
def set_measured() -> Response:
    the_region().newrelic.measure(**{**_object(), "now": the_region().now()})
    return answer({})


@routes.post("/tokens/revoke")
def revoke_tokens() -> Response:
    return answer({"revoked": the_region().tokens.revoke()})


def _verbs() -> list[str]:
    names = vars(type(the_region().tamper))
    return [name for name in names if not name.startswith("_")]


def _object() -> dict[str, Any]:
    try:
        found = body() if request.get_data() else {}
    except Refused:
        raise ValueError("the body is no JSON") from None
    if not isinstance(found, dict):
        raise ValueError("the body must be a JSON object")
    return found
