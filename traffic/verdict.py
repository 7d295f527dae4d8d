"""From what a run has seen to what it shows: a row for each phase, and promises kept or broken."""
from __future__ import annotations

from collections import Counter
from typing import Iterator, Sequence

from benchmarks.report import Promise
from traffic.run import LOSES, RENEWED, Phase, Request, Run

COLUMNS = ("phase", "seconds", "nodes", "least in service", "requests", "failed", "slowest, s")
STEADINESS = 0.5
"""The share of the requests that should be sent which is sent even by a machine that is busy."""
QUIET = 5
"""Seconds without an answer that are no hiccup of such a machine any more."""


def failures(requests: Sequence[Request]) -> Counter[str]:
    """How many failed, by kind."""
    return Counter(each.failure for each in requests if each.failure)


def rows(run: Run) -> list[list[str]]:
    """The table, as ``COLUMNS`` head it."""
    return [_row(run, phase) for phase in run.phases]


def _row(run: Run, phase: Phase) -> list[str]:
    requests, looks = run.ended_in(phase), run.looks_in(phase)
    found = failures(requests)
    kinds = f" ({', '.join(f'{n} {kind}' for kind, n in sorted(found.items()))})" if found else ""
    return [phase.name, f"{phase.end - phase.begin:.1f}", str(phase.nodes),
            str(min((look.in_service for look in looks), default="-")), str(len(requests)),
            f"{sum(found.values())}{kinds}",
            f"{max((each.seconds for each in requests), default=0):.1f}"]


def promises(run: Run) -> list[Promise]:
    """What has to be so, whatever the seed and the size."""
    return [*_of_phases(run), *_of_renewal(run), *_of_the_load(run)]


def _of_phases(run: Run) -> Iterator[Promise]:
    for phase in run.phases:
        failed = sum(failures(run.ended_in(phase)).values())
        if phase.name == LOSES:
            yield Promise(
                f"{phase.name}: {failed} requests failed, all of them sent to that server",
                failed == run.counted.failed_at.get(run.lost, 0))
        else:
            yield Promise(f"{phase.name}: not one request failed", failed == 0)


def _of_renewal(run: Run) -> Iterator[Promise]:
    for phase in run.phases:
        if phase.name == RENEWED:
            least = min((look.in_service for look in run.looks_in(phase)), default=0)
            yield Promise(f"{phase.name}: never fewer than {run.minimum} nodes in service, "
                          f"{least} at the least", least >= run.minimum)


def _of_the_load(run: Run) -> Iterator[Promise]:
    failed = failures(run.requests)
    yield Promise("the load balancer has counted what the clients have",
                  (run.counted.requests, sum(run.counted.failures.values()))
                  == (len(run.requests), sum(failed.values()) - failed["overloaded"]))
    seconds = sum(phase.end - phase.begin for phase in run.phases)
    due = run.rate * seconds
    yield Promise(f"the load was steady: {len(run.requests)} of {due:.0f} requests that were due",
                  len(run.requests) >= STEADINESS * due)
    yield Promise(f"and never stopped for {QUIET} s", not _stops(run))


def _stops(run: Run) -> list[float]:
    """When nobody got an answer for long."""
    ends = [run.phases[0].begin, *sorted(each.end for each in run.requests), run.phases[-1].end]
    return [before for before, after in zip(ends, ends[1:]) if after - before >= QUIET]
