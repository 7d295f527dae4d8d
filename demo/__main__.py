"""``python -m demo``: the whole pipeline, phase by phase, and a table of what it took."""
from __future__ import annotations

import sys
import time
from dataclasses import dataclass

from demo.chat import Chat
from demo.phases import PHASES, Failed, Phase, servers
from demo.stage import Stage


@dataclass(frozen=True)
class Row:
    """What a phase took."""

    title: str
    before: int
    after: int
    seconds: float
    calls: int
    tasks: int


def play(stage: Stage, phase: Phase) -> Row:
    print(f"\nPhase {phase.title}", flush=True)
    before, calls, tasks = len(servers(stage)), stage.cloud_calls(), stage.tasks()
    started = time.monotonic()
    phase.act(stage)
    seconds = time.monotonic() - started
    return Row(phase.title, before, len(servers(stage)), seconds,
               stage.cloud_calls() - calls, stage.tasks() - tasks)


def table(rows: list[Row]) -> str:
    lines = [f"{'phase':28}{'nodes':>8}{'seconds':>10}{'cloud calls':>13}{'tasks':>7}"]
    lines += [f"{row.title:28}{f'{row.before} > {row.after}':>8}{row.seconds:>10.1f}"
              f"{row.calls:>13}{row.tasks:>7}" for row in rows]
    total = [sum(getattr(row, name) for row in rows) for name in ("seconds", "calls", "tasks")]
    return "\n".join([*lines, f"{'':36}{total[0]:>10.1f}{total[1]:>13}{total[2]:>7}"])


def main() -> int:
    print("Starting a simulated Rackspace region, and standalone with the pack beside it.")
    try:
        with Stage(standalone=("--poll-interval", "4")) as stage, Chat(stage):
            stage.hasten()
            rows = [play(stage, phase) for phase in PHASES]
    except Failed as failure:
        print(f"\nThe demo failed. {failure}", file=sys.stderr)
        return 1
    print(f"\n{table(rows)}\n\nAll of it was so, and nothing is left behind.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
