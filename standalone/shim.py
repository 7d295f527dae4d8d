"""Makes orquesta 1.2.0 work on a Python and a networkx of today. Import it before orquesta."""

from __future__ import annotations

import collections
import collections.abc
import re
from typing import Any

import networkx

for _name in ("Mapping", "MutableMapping", "MutableSequence", "Sequence"):
    setattr(collections, _name, getattr(collections.abc, _name))
networkx.MultiDiGraph.node = property(lambda graph: graph.nodes)

from standalone import expressions  # noqa: E402  (before what evaluates them is imported)

from orquesta import conducting, graphing  # noqa: E402  # isort: skip
from orquesta.utils import parameters  # noqa: E402  # isort: skip

# flags are no longer allowed inside a pattern, only at its start or for a group
parameters.REGEX_INLINE_PARAMS = re.sub(
    r"\(\?i\)(true|false)", r"(?i:\1)", parameters.REGEX_INLINE_PARAMS
)


def _root_nodes(graph: Any) -> list[dict[str, Any]]:
    found = [
        {"id": node, "name": graph.nodes[node].get("name", node)}
        for node, degree in graph.in_degree()
        if degree == 0
    ]
    return sorted(found, key=lambda node: str(node["id"]))


graphing.WorkflowGraph.get_root_nodes = staticmethod(_root_nodes)
__all__ = ["conducting", "expressions", "graphing", "parameters"]
