"""Cloud Load Balancers v1.0."""
from __future__ import annotations

import contextlib
from typing import Any, Sequence

from autoscale.clouds.rackspace import shapes
from autoscale.clouds.rackspace.identity import LOAD_BALANCERS
from autoscale.clouds.rackspace.nodes import Nodes, named, path_of
from autoscale.clouds.rackspace.paging import (
    MarkedPage,
    by_marker,
    identified,
    next_marker,
)
from autoscale.clouds.rackspace.session import Session, nothing
from autoscale.core.observation import GROUP_MARK, LoadBalancer, Node
from autoscale.seams import Gone, Refused

PAGE = 100
LONGEST_NAME = 128
LEAVING = ("DELETED", "PENDING_DELETE")
ALGORITHM = "WEIGHTED_ROUND_ROBIN"
"""Of those that ask for none RANDOM is taken, and weights count only with the weighted ones."""


class LoadBalancers:
    """The load balancers of one region. Promises as ``autoscale.seams.LoadBalancers``."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._nodes = Nodes(session, self.get)

    def find(self, name: str) -> tuple[LoadBalancer, ...]:
        what = f"look for load balancer {name}"

        def page(marker: str | None) -> MarkedPage:
            def decode(body: Any) -> MarkedPage:
                items = identified(body["loadBalancers"])
                return items, next_marker(items, None, PAGE)

            params = [("limit", str(PAGE))] + ([("marker", marker)] if marker else [])
            return self._session.read(LOAD_BALANCERS, "/loadbalancers", decode, what, params)

        same = [item["id"] for item in by_marker(page, what) if item.get("name") == name]
        return tuple(found for found in map(self.get, same) if found)

    def get(self, load_balancer_id: str) -> LoadBalancer | None:
        path, what = path_of(load_balancer_id), f"look at load balancer {load_balancer_id}"
        try:
            item = self._session.read(LOAD_BALANCERS, path, _with_status, what)
        except Gone:
            return None
        if item["status"] in LEAVING:
            return None
        parts = {key: self._part(item, path, key, what) for key in ("nodes", "metadata")}
        return self._session.decoded({**item, **parts}, shapes.load_balancer, what)

    def create(self, name: str, *, port: int, protocol: str, owner: str) -> str:
        if len(name) > LONGEST_NAME:
            raise Refused(f"load balancer name {name!r} is longer than {LONGEST_NAME} characters")
        wanted = {
            "name": name,
            "port": port,
            "protocol": protocol,
            "algorithm": ALGORITHM,
            "virtualIps": [{"type": "PUBLIC"}],
            "nodes": [],
            "metadata": [{"key": GROUP_MARK, "value": owner}],
        }
        return self._session.change(
            "POST",
            LOAD_BALANCERS,
            "/loadbalancers",
            lambda body: shapes.required(body["loadBalancer"], "id"),
            f"create load balancer {name}",
            body={"loadBalancer": wanted},
        )

    def delete(self, load_balancer_id: str) -> None:
        with contextlib.suppress(Gone):
            self._session.change(
                "DELETE",
                LOAD_BALANCERS,
                path_of(load_balancer_id),
                nothing,
                f"delete {named(load_balancer_id)}",
            )

    def add_nodes(self, load_balancer_id: str, nodes: Sequence[Node]) -> None:
        self._nodes.add(load_balancer_id, nodes)

    def remove_nodes(self, load_balancer_id: str, node_ids: Sequence[str]) -> None:
        self._nodes.remove(load_balancer_id, node_ids)

    def change_node(self, load_balancer_id: str, node: Node) -> None:
        self._nodes.change(load_balancer_id, node)

    def _part(self, item: Any, path: str, key: str, what: str) -> Any:
        """Nodes or metadata: inside the load balancer, or asked for when they are left out."""
        if key in item:
            return item[key]
        try:
            return self._session.read(
                LOAD_BALANCERS, f"{path}/{key}", lambda body: body[key] or [], what
            )
        except Gone:
            return []


def _with_status(body: Any) -> Any:
    return {**body["loadBalancer"], "status": shapes.status(body["loadBalancer"])}
