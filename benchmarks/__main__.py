"""``python -m benchmarks [NAME ...]``: every bench, or those named; fails if a promise breaks."""
from __future__ import annotations

import sys
import time
from typing import Callable, Mapping, Sequence

from benchmarks import capacity, expansion, governor, healing, live, planning, schedules
from benchmarks.report import Report

BENCHES: Mapping[str, Callable[[], Report]] = {
    "capacity": capacity.bench,
    "live": live.bench,
    "expansion": expansion.bench,
    "governor": governor.bench,
    "schedules": schedules.bench,
    "planning": planning.bench,
    "healing": healing.bench,
}


def main(names: Sequence[str]) -> int:
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"There is no bench {unknown[0]}; there are {', '.join(BENCHES)}.", file=sys.stderr)
        return 2
    broken = [f"{name}: {sentence}" for name in names or BENCHES for sentence in _show(name)]
    for promise in broken:
        print(f"Not so: {promise}", file=sys.stderr)
    return 1 if broken else 0


def _show(name: str) -> list[str]:
    """Run one and print it; answer the promises that are broken."""
    started = time.monotonic()
    report = BENCHES[name]()
    print(f"{report.text()}\n  ({name}: {time.monotonic() - started:.0f} s)\n", flush=True)
    return report.broken


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
