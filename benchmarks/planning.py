"""Planning one huge group in every situation: does a server cost the same among 10,000?"""
from __future__ import annotations

from functools import partial
from typing import Sequence

from autoscale.core.planning import plan
from benchmarks.report import Report, ratio
from benchmarks.situations import NOW, SITUATIONS
from benchmarks.stopwatch import seconds

SIZES = (100, 1_000, 10_000)


def bench(sizes: Sequence[int] = SIZES) -> Report:
    rows = []
    for name, situation in SITUATIONS.items():
        each = []
        for size in sizes:
            group, seen = situation(size)
            each.append(seconds(partial(plan, group, seen, NOW)) / size)
        rows.append([name, *(ratio(time / each[0]) for time in each),
                     *(f"{1e6 * time:.1f}" for time in each)])
    return Report(
        f"Planning: time per server, against that in a group of {sizes[0]}",
        ["situation", *(f"{size:,}" for size in sizes), *(f"us of {size:,}" for size in sizes)],
        rows, reading="  Flat is linear. The right half is microseconds on this machine.")
