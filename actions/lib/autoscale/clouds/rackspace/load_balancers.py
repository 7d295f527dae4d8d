"""Cloud Load Balancers v1.0.

ONE CHANGE AT A TIME: after a change a load balancer is PENDING_UPDATE, and every other change is
answered with 422 until it is ACTIVE again. So many nodes go into one call, and between two calls
there is a wait.
"""
from __future__ import annotations

import contextlib
from typing import Any, Sequence

from autoscale.clouds.rackspace import shapes
from autoscale.clouds.rackspace.identity import LOAD_BALANCERS
from autoscale.clouds.rackspace.paging import (
    MarkedPage,
    batches,
    by_marker,
    identified,
    next_marker,
    segment,
)
from autoscale.clouds.rackspace.session import Session, nothing
from autoscale.clouds.rackspace.transport import Params
from autoscale.clouds.rackspace.waiting import pauses, wait_for
from autoscale.core.observation import GROUP_MARK, LoadBalancer, Node
from autoscale.seams import Busy, Conflict, Gone, QuotaReached, Refused

PAGE = 100
ADD_AT_ONCE = 25
REMOVE_AT_ONCE = 10
TRIES = 3  # another hand may change the nodes between our look and our call
LONGEST_NAME = 128
LEAVING = ("DELETED", "PENDING_DELETE")


class LoadBalancers:
    """The load balancers of one region. Promises as ``autoscale.seams.LoadBalancers``."""

    def __init__(self, session: Session) -> None:
        self._session = session

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
        path, what = _path(load_balancer_id), f"look at load balancer {load_balancer_id}"
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
            self._change("DELETE", _path(load_balancer_id), f"delete {_named(load_balancer_id)}")

    def add_nodes(self, load_balancer_id: str, nodes: Sequence[Node]) -> None:
        wanted = list({_identity(node): node for node in nodes}.values())
        for number, batch in enumerate(batches(wanted, ADD_AT_ONCE)):
            if number:
                self._wait_until_active(load_balancer_id)
            self._add(load_balancer_id, batch)

    def remove_nodes(self, load_balancer_id: str, node_ids: Sequence[str]) -> None:
        for number, batch in enumerate(batches(list(dict.fromkeys(node_ids)), REMOVE_AT_ONCE)):
            try:
                if number:
                    self._wait_until_active(load_balancer_id)
                self._remove(load_balancer_id, batch)
            except Gone:
                return  # its nodes went with it

    def change_node(self, load_balancer_id: str, node: Node) -> None:
        wanted = {"condition": node.condition, "type": node.type, "weight": node.weight}
        self._change(
            "PUT",
            f"{_path(load_balancer_id)}/nodes/{segment(node.id)}",
            f"set node {node.address}:{node.port} of {_named(load_balancer_id)} "
            f"to {node.condition}",
            {"node": wanted},
        )

    def _add(self, load_balancer_id: str, nodes: Sequence[Node]) -> None:
        """All or nothing: with one node that is there already, none is added."""
        for _ in range(TRIES):
            if not nodes:
                return
            try:
                self._post(load_balancer_id, nodes)
                return
            except (Conflict, QuotaReached):  # a full one may count what is there already
                there = {_identity(node) for node in self._present(load_balancer_id).nodes}
                before, nodes = nodes, [node for node in nodes if _identity(node) not in there]
                if nodes == before:
                    raise
        self._restless(load_balancer_id)

    def _post(self, load_balancer_id: str, nodes: Sequence[Node]) -> None:
        wanted = [
            {
                "address": node.address,
                "port": node.port,
                "condition": node.condition,
                "type": node.type,
                "weight": node.weight,
            }
            for node in nodes
        ]
        what = f"add {len(wanted)} nodes to {_named(load_balancer_id)}"
        self._change("POST", f"{_path(load_balancer_id)}/nodes", what, {"nodes": wanted})

    def _remove(self, load_balancer_id: str, node_ids: Sequence[str]) -> None:
        """All or nothing: with one node that is gone already, none is removed."""
        what = f"remove {len(node_ids)} nodes from {_named(load_balancer_id)}"
        path = f"{_path(load_balancer_id)}/nodes"
        for _ in range(TRIES):
            if not node_ids:
                return
            try:
                self._change("DELETE", path, what, params=[("id", each) for each in node_ids])
                return
            except Refused:
                there = {node.id for node in self._present(load_balancer_id).nodes}
                before, node_ids = node_ids, [each for each in node_ids if each in there]
                if node_ids == before:
                    raise
        self._restless(load_balancer_id)

    def _change(
        self, method: str, path: str, what: str, body: object = None, params: Params = ()
    ) -> None:
        self._session.change(method, LOAD_BALANCERS, path, nothing, what, body, params)

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

    def _present(self, load_balancer_id: str) -> LoadBalancer:
        found = self.get(load_balancer_id)
        if found is None:
            raise Gone(f"{_named(load_balancer_id)} does not exist (any more)")
        return found

    def _restless(self, load_balancer_id: str) -> None:
        raise Busy(f"the nodes of {_named(load_balancer_id)} change all the time; try again later")

    def _wait_until_active(self, load_balancer_id: str) -> None:
        def look() -> LoadBalancer | None:
            seen = self._present(load_balancer_id)
            if seen.status == "ERROR":
                raise Refused(f"{_named(load_balancer_id)} is in ERROR: delete it")
            return seen if seen.changeable else None

        if not wait_for(look, self._session.sleep, pauses(first=1, longest=5)):
            raise Busy(f"{_named(load_balancer_id)} does not become ACTIVE; try again later")


def _path(load_balancer_id: str) -> str:
    return f"/loadbalancers/{segment(load_balancer_id)}"


def _with_status(body: Any) -> Any:
    return {**body["loadBalancer"], "status": shapes.status(body["loadBalancer"])}


def _named(load_balancer_id: str) -> str:
    return f"load balancer {load_balancer_id}"


def _identity(node: Node) -> tuple[str, int]:
    return node.address, node.port
