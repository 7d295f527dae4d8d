"""New Relic's REST API v2."""
from __future__ import annotations

from flask import Blueprint, Response, request

from simcloud.errors import Refused
from simcloud.http.exchange import answer, number, the_region
from simcloud.http.paging import next_link, truncated

routes = Blueprint("newrelic", __name__, url_prefix="/newrelic/v2")


@routes.before_request
def check_key() -> None:
    if request.headers.get("X-Api-Key") != the_region().settings.newrelic_key:
        raise Refused(401, "The API key provided is invalid")


@routes.get("/applications.json")
def list_applications() -> Response:
    region = the_region()
    found = region.newrelic.found(request.args.get("filter[name]"), region.now())
    size, page = region.settings.newrelic_page_size, max(1, number("page") or 1)
    shown = truncated(found[(page - 1) * size : page * size])
    last = -(-len(found) // size)
    headers = {}
    if page < last:
        links = (("next", page + 1), ("last", last))
        headers["Link"] = ", ".join(f'<{next_link(page=n)}>; rel="{rel}"' for rel, n in links)
    return answer({"applications": shown}, headers=headers)


@routes.get("/applications/<int:application_id>.json")
def show_application(application_id: int) -> Response:
    region = the_region()
    return answer({"application": region.newrelic.get(application_id, region.now())})


@routes.get("/applications/<int:application_id>/metrics/data.json")
def metric_values(application_id: int) -> Response:
    region, asked = the_region(), request.args
    return answer(region.newrelic.metrics(
        application_id, asked.getlist("names[]"), asked.getlist("values[]"), region.now(),
        asked.get("from"), asked.get("to")))
