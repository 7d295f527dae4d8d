"""The nodes of load balancers."""
from __future__ import annotations

from itertools import count
from typing import Any

from simcloud.errors import Refused, invalid
from simcloud.load_balancers.load_balancer import LoadBalancer, Node
from simcloud.load_balancers.validation import checked_node, node_findings
from simcloud.settings import Settings

MOST_REMOVED = 10
CHANGEABLE = ("condition", "type", "weight")


class Nodes:
    """Adds, changes and removes nodes: each call as a whole or not at all."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ids = count(5001)

    def add(self, load_balancer: LoadBalancer, requests: Any) -> list[Node]:
        """413 for too many and for one that is there already."""
        if not isinstance(requests, list):
            raise invalid("Nodes must be a list")
        checked = [checked_node(request) for request in requests]
        most = self._settings.nodes_per_load_balancer
        if len(load_balancer.nodes) + len(checked) > most:
            raise Refused(413, f"Nodes must not exceed {most} per load balancer.")
        places = [node.place for node in load_balancer.nodes.values()]
        places += [(node["address"], node["port"]) for node in checked]
        if len(set(places)) < len(places):
            raise Refused(413, "Duplicate nodes detected. One or more nodes already configured "
                               "on load balancer.")
        added = [Node(id=next(self._ids), **node) for node in checked]
        load_balancer.nodes.update({node.id: node for node in added})
        return added

    def get(self, load_balancer: LoadBalancer, node_id: int) -> Node:
        """404 unless it has such a node."""
        try:
            return load_balancer.nodes[node_id]
        except KeyError:
            raise Refused(
                404, f"Node with id #{node_id} not found for load balancer #{load_balancer.id}"
            ) from None

    def change(self, node: Node, request: dict[str, Any]) -> None:
        """Address and port of a node can't be changed."""
        fixed = sorted(set(request) - set(CHANGEABLE))
        findings = [f"Node {name} cannot be modified." for name in fixed]
        findings += node_findings(request)
        if not request or findings:
            raise invalid(*(findings or ["Node is empty"]))
        for name, value in request.items():
            setattr(node, name, value)

    def remove(self, load_balancer: LoadBalancer, node_ids: list[int]) -> None:
        """All of them or, with a 400, none."""
        if not 0 < len(node_ids) <= MOST_REMOVED:
            raise invalid(f"Must specify at least one and at most {MOST_REMOVED} items to delete.")
        unknown = [str(node_id) for node_id in node_ids if node_id not in load_balancer.nodes]
        if unknown:
            raise invalid(f"Node ids {','.join(unknown)} are not a part of your loadbalancer")
        for node_id in set(node_ids):
            del load_balancer.nodes[node_id]
