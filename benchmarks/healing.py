"""A pass of self-healing over many groups, against the bare listing of the region's servers."""
from __future__ import annotations

from collections import Counter
from math import ceil
from typing import Callable, Sequence

from autoscale.heal import WHOLE_LOOKS, survey
from benchmarks.crowd import ROOM, settle
from benchmarks.report import Promise, Report, ratio
from benchmarks.stopwatch import seconds
from benchmarks.world import world
from tests.support.loop import World

GROUPS = (10, 100, 1_000)
NODES = 10
PAGE = 1000  # servers
LONG_AGO = 3600

QUESTIONS = (
    ("servers", r"^/servers/.*/servers/detail"), ("key pairs", r"^/servers/.*/os-keypairs"),
    ("load balancers", r"^/load_balancers/"), ("DNS", r"^/dns/"))


def bench(groups: Sequence[int] = GROUPS) -> Report:
    rows, few, quiet = [], True, True
    for size in groups:
        with world(**ROOM) as there:
            settle(there, size, NODES, there.clock.now() - LONG_AGO)
            there.parts.cloud.servers.list()
            bare = seconds(there.parts.cloud.servers.list)
            for due in (min(size, WHOLE_LOOKS), 0):
                calls, found, refused, taken = _pass(there, due)
                few = few and _few(calls, size, due)
                quiet = quiet and not found
                rows.append([
                    f"{size:,}", str(due), *(str(calls[what]) for what, _ in QUESTIONS),
                    str(refused), ratio(taken / bare), f"{1e3 * bare:.0f}", f"{1e3 * taken:.0f}"])
    return Report(
        f"A heal pass over groups of {NODES}: calls, and time against the bare listing",
        ["groups", "looked at whole", *(what for what, _ in QUESTIONS), "refused",
         "pass / listing", "ms of listing", "ms of pass"], rows,
        [Promise(f"one listing ({PAGE:,} servers a page) and one of key pairs, however many "
                 "groups; one look at its load balancer and zone for each group that is due", few),
         Promise("groups that are as they should be are left alone", quiet)],
        f"  A pass looks at {WHOLE_LOOKS} groups as a whole at most. Refused: calls answered with "
        "413 once the region\n  enforces Rackspace's rates. Time is the processor's, the "
        "simulated region's included.")


def _pass(there: World, due: int) -> tuple[Counter[str], list[object], int, float]:
    """With so many groups due: calls, what was found, calls refused for their rate, seconds."""
    names = sorted({name.split(".")[1] for name in there.store.texts if name.startswith("asg.")})
    before = dict(there.store.texts)
    now = int(there.clock.now())

    def run() -> list[object]:
        there.store.texts.update(before)
        for number, name in enumerate(names):
            there.set("looked_at", str(now - LONG_AGO if number < due else now), name)
        return list(survey(there.parts)["groups"])

    there.region.calls.clear()
    found = run()
    calls = Counter({what: there.region.calls.count("GET", path) for what, path in QUESTIONS})
    return calls, found, _refused(there, run), seconds(run)


def _refused(there: World, run: Callable[[], object]) -> int:
    there.region.settings.rate_limits = True
    there.region.calls.clear()
    run()
    there.region.settings.rate_limits = False
    there.clock.advance(60)
    return sum(call.status == 413 for call in there.region.calls.all())


def _few(calls: Counter[str], groups: int, due: int) -> bool:
    """A full last page makes one more; a zone is two questions: itself and its records."""
    return (calls["servers"] <= ceil(groups * NODES / PAGE) + 1 and calls["key pairs"] == 1
            and calls["load balancers"] == due and calls["DNS"] == 2 * due)
