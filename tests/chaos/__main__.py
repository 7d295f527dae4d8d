"""python -m tests.chaos --schedules N --seed S [--only SEED] [--jobs N]"""
from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "actions" / "lib")]

SHOWN = 40
"""Last events that are shown of a failing schedule."""


def main() -> int:
    arguments = _arguments()
    if os.environ.get("PYTHONHASHSEED") != "0":  # the order of a set is part of a schedule
        os.environ["PYTHONHASHSEED"] = "0"
        os.execv(sys.executable, [sys.executable, "-m", "tests.chaos", *sys.argv[1:]])
    from tests.chaos.schedule import play, play_briefly

    if arguments.only is not None:
        outcome = play(arguments.only)
        print(*outcome.log, *(f"BROKEN: {text}" for text in outcome.broken), sep="\n")
        return bool(outcome.broken)
    started = time.monotonic()
    print(f"{arguments.schedules} schedules from seed {arguments.seed}", flush=True)
    seeds = range(arguments.seed, arguments.seed + arguments.schedules)
    with ProcessPoolExecutor(arguments.jobs) as pool:
        outcomes = list(pool.map(play_briefly, seeds, chunksize=2))
    injected: Counter[str] = Counter()
    survived: Counter[str] = Counter()
    failing = [outcome for outcome in outcomes if outcome.broken]
    for outcome in outcomes:
        injected.update(outcome.struck)
        if not outcome.broken:
            survived.update(outcome.struck)
        else:
            print(f"\nseed {outcome.seed}:", *outcome.broken[:arguments.shown], sep="\n  ")
            print(*outcome.log[-SHOWN:] if arguments.log else (), sep="\n    ")
    print("\ninjected survived  fault")
    for kind, count in injected.most_common():
        print(f"{count:8} {survived[kind]:8}  {kind}")
    calls = sum(outcome.calls for outcome in outcomes)
    passed = len(outcomes) - len(failing)
    print(f"\n{passed} of {len(outcomes)} schedules passed, {sum(injected.values())} faults, "
          f"{calls} calls, {time.monotonic() - started:.0f} s")
    if failing:
        print("failing seeds:", *(outcome.seed for outcome in failing))
        print(f"to see one: python -m tests.chaos --only {failing[0].seed}")
    return bool(failing)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.chaos", description=__doc__)
    parser.add_argument("--schedules", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="play the schedule of this seed, and show it")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--shown", type=int, default=4, help="broken promises shown of a seed")
    parser.add_argument("--log", action="store_true", help="show the last events, too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
