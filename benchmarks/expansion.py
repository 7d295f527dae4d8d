"""What an expansion asks of the cloud and of StackStorm, as the number of new nodes grows."""
from __future__ import annotations

import re
from typing import Sequence

from benchmarks.report import Promise, Report
from benchmarks.world import world
from tests.support.loop import World

NODES = (1, 5, 20)
BUILD = 20

KINDS = {
    "creates": ("POST", r"/servers$"),
    "load balancer changes": ("POST|PUT|DELETE", r"/loadbalancers/"),
    "DNS changes": ("POST|PUT|DELETE", r"/domains"),
    "listings of servers (looks)": ("GET", r"/servers/detail"),
    "reads of the load balancer": ("GET", r"/loadbalancers/"),
    "reads of DNS": ("GET", r"/domains"),
    "polls of DNS jobs": ("GET", r"/status/"),
    "reads of key pairs": ("GET", r"/os-keypairs"),
}

AROUND = 4
"""Tasks besides the cycles': asg.expand, asg.decide, asg.converge and its begin."""


def bench(nodes: Sequence[int] = NODES) -> Report:
    counts, cycles = zip(*(_expand(count) for count in nodes))
    rows = [[kind, *(str(count[kind]) for count in counts)] for kind in [*KINDS, "anything else"]]
    rows.append(["tasks of StackStorm", *(str(AROUND + sum(each)) for each in cycles)])
    rows.append(["  of them cycle by cycle", *("+".join(map(str, each)) for each in cycles)])
    first, smallest = counts[0], cycles[0]
    constant = [kind for kind in rows_of_reads() if len({count[kind] for count in counts}) > 1]
    return Report(
        "Expansion: calls to the cloud and tasks", ["", *(f"+{count}" for count in nodes)], rows,
        [Promise("one create for each node, and no more",
                 [count["creates"] for count in counts] == list(nodes)),
         Promise("at most 2 changes of the load balancer and 2 of DNS",
                 all(count["load balancer changes"] <= 2 and count["DNS changes"] <= 2
                     for count in counts)),
         Promise(f"all other calls as many as for +{nodes[0]}",
                 not constant and all(count["anything else"] <= first["anything else"]
                                      for count in counts)),
         Promise(f"no more tasks than for +{nodes[0]}, cycle for cycle",
                 all(len(each) == len(smallest) and all(
                     mine <= its for mine, its in zip(each, smallest)) for each in cycles))],
        f"  Builds take {BUILD} s on the region's clock. A look is one listing of servers.")


def rows_of_reads() -> list[str]:
    return [kind for kind in KINDS if kind.startswith(("listings", "reads", "polls"))]


def _expand(count: int) -> tuple[dict[str, int], list[int]]:
    """The calls by kind, and the tasks of each cycle."""
    with world(build_seconds=BUILD) as there:
        there.create(min_nodes=1, max_nodes=1 + count, expand_by=count)
        there.converge()
        there.region.calls.clear()
        there.looks.clear()
        there.ask("web", "expand", force=True)
        there.converge()
        return _by_kind(there), [_tasks(answer) for answer in there.looks]


def _tasks(answer: dict[str, list[object]]) -> int:
    """One to plan, one for each batch, one for each hook."""
    return 1 + len(answer["batches"]) + len(answer["hooks"])


def _by_kind(there: World) -> dict[str, int]:
    found = dict.fromkeys([*KINDS, "anything else"], 0)
    for call in there.region.calls.all():
        kind = next((kind for kind, (methods, path) in KINDS.items()
                     if re.fullmatch(methods, call.method) and re.search(path, call.path)),
                    "anything else")
        found[kind] += 1
    return found
