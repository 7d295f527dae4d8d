"""``python -m traffic``: a group under live traffic, what it cost phase by phase, and a picture."""
from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Sequence

from benchmarks.report import Report
from demo.stage import Stage
from traffic.load import Load
from traffic.phases import SHORT, Failed, Pace, Play, Size
from traffic.picture import picture
from traffic.run import Counted, Run
from traffic.verdict import COLUMNS, promises, rows
from traffic.watch import Watch

SETTINGS = {
    "build_jitter": 1, "app_start_seconds": 1, "app_latency_seconds": 0.05,
    "lb_build_seconds": 0.5, "lb_update_seconds": 0.5, "delete_seconds": 1,
    "dns_job_seconds": 0.3, "nodes_per_load_balancer": 100,
}
READING = """\
  A request belongs to the phase in which it ended. Least in service: nodes that serve and get new
  requests, looked at five times a second. A lost server costs what was under way on it (cut), and
  what the load balancer sends there until somebody takes the node out of it (refused)."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    began = time.monotonic()
    try:
        run = _run(options)
    except Failed as failure:
        print(f"\nThe traffic run failed: {failure}", file=sys.stderr)
        return 1
    report = Report(_title(options), COLUMNS, rows(run), promises(run), READING)
    options.picture.parent.mkdir(parents=True, exist_ok=True)
    options.picture.write_text(picture(run))
    print(f"\n{report.text()}\n  ({time.monotonic() - began:.0f} s; picture: {options.picture})")
    for promise in report.broken:
        print(f"Not so: {promise}", file=sys.stderr)
    return 1 if report.broken else 0


def _run(options: argparse.Namespace) -> Run:
    """Play it all; the clients begin once the group is there."""
    size = Size(options.nodes, options.minimum, options.batch)
    region = ("--speed", str(options.speed), "--seed", str(options.seed))
    with Stage(build_seconds=2, simcloud=region, standalone=("--poll-interval", "5")) as stage:
        stage.settings(**SETTINGS)
        print(f"Making a group of {size.half} nodes.", flush=True)
        start = time.monotonic()
        pace = SHORT if options.short else Pace()
        play = Play(stage, size, pace, options.seed, lambda: time.monotonic() - start)
        play.set_up()
        start = time.monotonic()
        with Watch(stage, play.clock) as watch, Load(
                play.place, options.rate, options.seed, play.clock) as load:
            play.play(lambda name: print(f"{play.clock():6.1f} s  {name}", flush=True))
        play.end()
        counted = stage.control("state")["load_balancers"][0]["traffic"]
    return Run(size.nodes, size.minimum, options.rate, tuple(load.requests), tuple(watch.looks),
               tuple(play.phases), Counted(*(counted[name] for name in (
                   "requests", "failures", "failed_at"))), play.lost)


def _title(options: argparse.Namespace) -> str:
    return (f"{options.nodes} nodes, at least {options.minimum} in service, batches of "
            f"{options.batch}, {options.rate:g} requests a second, seed {options.seed}")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    options = _parser().parse_args(arguments)
    if options.minimum is None:
        options.minimum = max(0, options.nodes - 2)
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m traffic", description=__doc__)
    parser.add_argument("--nodes", type=int, default=12,
                        help="of the group at its largest (%(default)s)")
    parser.add_argument("--minimum", type=int, default=None,
                        help="of nodes in service during the rolling update (two fewer)")
    parser.add_argument("--batch", type=int, default=2,
                        help="of nodes renewed at a time (%(default)s)")
    parser.add_argument("--rate", type=float, default=60, help="requests a second (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of all chance (%(default)s)")
    parser.add_argument("--speed", type=float, default=1,
                        help="how many of the region's seconds pass in a real one (%(default)s)")
    parser.add_argument("--short", action="store_true", help="wait less between the phases")
    parser.add_argument("--picture", type=Path, default=Path("build/traffic.svg"),
                        help="where the picture goes (%(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
