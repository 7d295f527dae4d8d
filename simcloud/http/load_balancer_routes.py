"""Cloud Load Balancers v1.0."""
from __future__ import annotations

from typing import Any

from flask import Response, request

from simcloud.errors import invalid
from simcloud.http.exchange import answer, body, nothing, part, the_region
from simcloud.http.paging import marked
from simcloud.http.tenant import tenant_routes
from simcloud.load_balancers.load_balancer import LoadBalancer
from simcloud.load_balancers.nodes import MOST_REMOVED
from simcloud.load_balancers.validation import algorithm_findings

routes = tenant_routes("load_balancers", "/load_balancers/v1.0")
COUNTS = (
    "connectTimeOut", "connectError", "connectFailure", "dataTimedOut", "keepAliveTimedOut",
    "maxConn", "currentConn",
)  # fmt: skip
CHANGEABLE = ("name", "port", "protocol", "algorithm", "timeout")


@routes.post("/loadbalancers")
def create_load_balancer() -> Response:
    created = the_region().load_balancers.create(part("loadBalancer"))
    return answer({"loadBalancer": created.to_dict()}, 202)


@routes.get("/loadbalancers")
def list_load_balancers() -> Response:
    region = the_region()
    page, _ = marked(
        region.load_balancers.all(),
        lambda each: each.id,
        region.settings.lb_page_size,
        region.settings.lb_marker_inclusive,
    )
    return answer({"loadBalancers": [each.to_list_entry() for each in page]})


@routes.get("/loadbalancers/absolutelimits")
def absolute_limits() -> Response:
    settings = the_region().settings
    limits = {
        "LOADBALANCER_LIMIT": settings.load_balancer_quota,
        "NODE_LIMIT": settings.nodes_per_load_balancer,
        "BATCH_DELETE_LIMIT": MOST_REMOVED,
    }
    return answer({"absolute": [{"name": key, "value": value} for key, value in limits.items()]})


@routes.get("/loadbalancers/<int:lb_id>")
def show_load_balancer(lb_id: int) -> Response:
    return answer({"loadBalancer": the_region().load_balancers.get(lb_id).to_dict()})


@routes.put("/loadbalancers/<int:lb_id>")
def change_load_balancer(lb_id: int) -> Response:
    changes = part("loadBalancer")
    load_balancer = _changeable(lb_id)
    fixed = sorted(set(changes) - set(CHANGEABLE))
    findings = [*(f"{name} cannot be modified." for name in fixed), *algorithm_findings(changes)]
    if findings:
        raise invalid(*findings)
    for name, value in changes.items():
        setattr(load_balancer, name, value)
    return _begun(load_balancer)


@routes.delete("/loadbalancers/<int:lb_id>")
def delete_load_balancer(lb_id: int) -> Response:
    load_balancers = the_region().load_balancers
    load_balancers.delete(load_balancers.changeable(lb_id, also=("ERROR",)))
    return nothing(202)


@routes.get("/loadbalancers/<int:lb_id>/nodes")
def list_nodes(lb_id: int) -> Response:
    load_balancer = the_region().load_balancers.get(lb_id)
    nodes = list(load_balancer.nodes.values())
    page, _ = marked(nodes, lambda node: node.id, len(nodes))
    return answer({"nodes": [load_balancer.shown(node) for node in page]})


@routes.post("/loadbalancers/<int:lb_id>/nodes")
def add_nodes(lb_id: int) -> Response:
    load_balancer = _changeable(lb_id)
    wanted = body()
    nodes = the_region().load_balancers.nodes
    added = nodes.add(load_balancer, wanted.get("nodes") if isinstance(wanted, dict) else None)
    return _begun(load_balancer, {"nodes": [node.to_dict() for node in added]})


@routes.delete("/loadbalancers/<int:lb_id>/nodes")
def remove_nodes(lb_id: int) -> Response:
    load_balancer = _changeable(lb_id)
    ids = request.args.getlist("id")
    if not all(node_id.isdigit() for node_id in ids):
        raise invalid("Node ids must be integers")
    the_region().load_balancers.nodes.remove(load_balancer, [int(node_id) for node_id in ids])
    return _begun(load_balancer)


@routes.get("/loadbalancers/<int:lb_id>/nodes/<int:node_id>")
def show_node(lb_id: int, node_id: int) -> Response:
    load_balancers = the_region().load_balancers
    node = load_balancers.nodes.get(load_balancers.get(lb_id), node_id)
    return answer({"node": node.to_dict()})


@routes.put("/loadbalancers/<int:lb_id>/nodes/<int:node_id>")
def change_node(lb_id: int, node_id: int) -> Response:
    changes, load_balancer = part("node"), _changeable(lb_id)
    nodes = the_region().load_balancers.nodes
    nodes.change(nodes.get(load_balancer, node_id), changes)
    return _begun(load_balancer)


@routes.delete("/loadbalancers/<int:lb_id>/nodes/<int:node_id>")
def remove_node(lb_id: int, node_id: int) -> Response:
    load_balancer = _changeable(lb_id)
    nodes = the_region().load_balancers.nodes
    nodes.get(load_balancer, node_id)
    nodes.remove(load_balancer, [node_id])
    return _begun(load_balancer)


@routes.get("/loadbalancers/<int:lb_id>/metadata")
def show_metadata(lb_id: int) -> Response:
    return answer({"metadata": the_region().load_balancers.get(lb_id).metadata})


@routes.post("/loadbalancers/<int:lb_id>/metadata")
def add_metadata(lb_id: int) -> Response:
    load_balancer = _changeable(lb_id)
    the_region().load_balancers.add_metadata(load_balancer, body().get("metadata") or [])
    return answer({"metadata": load_balancer.metadata})


@routes.get("/loadbalancers/<int:lb_id>/stats")
def stats(lb_id: int) -> Response:
    region = the_region()
    counts = dict.fromkeys(COUNTS, 0)
    return answer({**counts, **region.traffic.stats(region.load_balancers.get(lb_id))})


def _changeable(lb_id: int) -> LoadBalancer:
    return the_region().load_balancers.changeable(lb_id)


def _begun(load_balancer: LoadBalancer, result: Any = None) -> Response:
    the_region().load_balancers.begin_change(load_balancer)
    return nothing(202) if result is None else answer(result, 202)
