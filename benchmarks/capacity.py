"""Time to capacity on the region's own clock: how long new nodes wait for the pack, not for it."""
from __future__ import annotations

from typing import NamedTuple, Sequence

from benchmarks.report import Promise, Report, ratio
from benchmarks.world import world

NODES = (1, 5, 20)
BUILDS = (20, 33, 60, 180)
JITTER = 0.25
"""Builds take up to a quarter longer: those of a real region do not all take the same time."""


class Wait(NamedTuple):
    """Seconds from the decision: until the last new node was up, and until all took traffic."""

    built: float
    served: float


def bench(nodes: Sequence[int] = NODES, builds: Sequence[int] = BUILDS) -> Report:
    rows, complete = [], True
    for build in builds:
        for jitter in (0.0, JITTER * build):
            waits = [_wait(count, build, jitter) for count in nodes]
            complete = complete and None not in waits
            rows.append([f"{build} s" if not jitter else f"{build} to {build + jitter:.0f} s",
                         *(ratio(wait.served / wait.built) if wait else "-" for wait in waits),
                         *(f"{wait.served - wait.built:.1f}" if wait else "-" for wait in waits)])
    return Report(
        "Time to capacity: until all new nodes take traffic, against the region's slowest build",
        ["a build takes", *(f"+{count}" for count in nodes),
         *(f"s after it, +{count}" for count in nodes)], rows,
        [Promise("every node that was asked for is in the load balancer", complete)],
        "  On the region's clock: polling and joining (1 s of it is the load balancer's own "
        "change),\n  without what processes cost: the next table has that.")


def _wait(count: int, build: int, jitter: float) -> Wait | None:
    with world(build_seconds=1) as there:
        there.create(min_nodes=1, max_nodes=1 + count, expand_by=count)
        there.converge()
        there.region.settings.change({"build_seconds": build, "build_jitter": jitter})
        there.region.calls.clear()
        started = there.clock.now()
        there.ask("web", "expand", force=True)
        there.converge()
        (balancer,) = there.region.load_balancers.all()
        if len(balancer.nodes) != 1 + count:
            return None
        built = max(server.updated for server in there.region.servers.all())
        joined = there.region.calls.all("POST", "/nodes$")[-1].time
        served = joined + there.region.settings.lb_update_seconds
        return Wait(built - started, served - started)
