"""The nodes of a load balancer.

ONE CHANGE AT A TIME: after a change a load balancer is PENDING_UPDATE, and every other change is
answered with 422 until it is ACTIVE again. So many nodes go into one call, and between two calls
there is a wait. ALL OR NOTHING: a call with one node that is there already, or gone already, does
nothing; then a look tells what is left to do.
"""
from __future__ import annotations

from contextlib import suppress
from typing import Callable, Sequence, TypeVar

from autoscale.clouds.rackspace.identity import LOAD_BALANCERS
from autoscale.clouds.rackspace.paging import each_batch, segment
from autoscale.clouds.rackspace.session import Session, nothing
from autoscale.clouds.rackspace.transport import Params
from autoscale.clouds.rackspace.waiting import pauses, wait_for
from autoscale.core import texts
from autoscale.core.observation import LoadBalancer, Node
from autoscale.seams import Busy, Conflict, Gone, QuotaReached, Refused

T = TypeVar("T")

ADD_AT_ONCE = 25
REMOVE_AT_ONCE = 10
TRIES = 3  # another hand may change the nodes between our look and our call


def path_of(load_balancer_id: str) -> str:
    return f"/loadbalancers/{segment(load_balancer_id)}"


def named(load_balancer_id: str) -> str:
    return f"load balancer {load_balancer_id}"


class Nodes:
    """Adds, removes and changes nodes. ``get`` looks at a load balancer."""

    def __init__(self, session: Session, get: Callable[[str], LoadBalancer | None]) -> None:
        self._session = session
        self._get = get

    def add(self, load_balancer_id: str, nodes: Sequence[Node]) -> None:
        wanted = list({_identity(node): node for node in nodes}.values())
        self._in_batches(load_balancer_id, wanted, ADD_AT_ONCE, self._add)

    def remove(self, load_balancer_id: str, node_ids: Sequence[str]) -> None:
        wanted = list(dict.fromkeys(node_ids))
        with suppress(Gone):  # its nodes went with it
            self._in_batches(load_balancer_id, wanted, REMOVE_AT_ONCE, self._remove)

    def change(self, load_balancer_id: str, node: Node) -> None:
        wanted = {"condition": node.condition, "type": node.type, "weight": node.weight}
        self._change(
            "PUT",
            f"{path_of(load_balancer_id)}/nodes/{segment(node.id)}",
            f"set node {node.address}:{node.port} of {named(load_balancer_id)} "
            f"to {node.condition}",
            {"node": wanted},
        )

    def _in_batches(
        self,
        load_balancer_id: str,
        items: Sequence[T],
        size: int,
        act: Callable[[str, Sequence[T]], None],
    ) -> None:
        each_batch(
            items,
            size,
            lambda batch: act(load_balancer_id, batch),
            between=lambda: self._wait_until_active(load_balancer_id),
        )

    def _add(self, load_balancer_id: str, nodes: Sequence[Node]) -> None:
        """All or nothing: with one node that is there already, none is added."""
        for _ in range(TRIES):
            if not nodes:
                break
            try:
                self._post(load_balancer_id, nodes)
                return
            except (Conflict, QuotaReached):  # a full one may count what is there already
                there = {_identity(node) for node in self._present(load_balancer_id).nodes}
                before, nodes = nodes, [node for node in nodes if _identity(node) not in there]
                if nodes == before:
                    raise
        if nodes:
            raise self._restless(load_balancer_id)

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
        what = f"add {texts.count(len(wanted), 'node')} to {named(load_balancer_id)}"
        self._change("POST", f"{path_of(load_balancer_id)}/nodes", what, {"nodes": wanted})

    def _remove(self, load_balancer_id: str, node_ids: Sequence[str]) -> None:
        """All or nothing: with one node that is gone already, none is removed."""
        what = f"remove {texts.count(len(node_ids), 'node')} from {named(load_balancer_id)}"
        path = f"{path_of(load_balancer_id)}/nodes"
        for _ in range(TRIES):
            if not node_ids:
                break
            try:
                self._change("DELETE", path, what, params=[("id", each) for each in node_ids])
                return
            except Refused:
                there = {node.id for node in self._present(load_balancer_id).nodes}
                before, node_ids = node_ids, [each for each in node_ids if each in there]
                if node_ids == before:
                    raise
        if node_ids:
            raise self._restless(load_balancer_id)

    def _change(
        self, method: str, path: str, what: str, body: object = None, params: Params = ()
    ) -> None:
        self._session.change(method, LOAD_BALANCERS, path, nothing, what, body, params)

    def _present(self, load_balancer_id: str) -> LoadBalancer:
        found = self._get(load_balancer_id)
        if found is None:
            raise Gone(f"{named(load_balancer_id)} does not exist (any more)")
        return found

    def _restless(self, load_balancer_id: str) -> Busy:
        return Busy(f"the nodes of {named(load_balancer_id)} change all the time; try again later")

    def _wait_until_active(self, load_balancer_id: str) -> None:
        def look() -> LoadBalancer | None:
            seen = self._present(load_balancer_id)
            if seen.status == "ERROR":
                raise Refused(f"{named(load_balancer_id)} is in ERROR: delete it")
            return seen if seen.changeable else None

        if not wait_for(look, self._session.sleep, pauses(first=1, longest=5)):
            raise Busy(f"{named(load_balancer_id)} does not become ACTIVE; try again later")


def _identity(node: Node) -> tuple[str, int]:
    return node.address, node.port
