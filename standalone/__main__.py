"""Runs packs from the command line: `python -m standalone --pack . --data DIR`."""

from __future__ import annotations

import argparse
import json
import logging
import signal
import threading
from pathlib import Path
from typing import Any

from standalone.app import App
from standalone.yaml_files import RegistrationError, read_yaml


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m standalone", description=__doc__)
    add = parser.add_argument
    add("--pack", type=Path, action="append", required=True, help="a pack's directory")
    add("--data", type=Path, required=True, help="the directory that holds the database")
    add("--config", type=Path, help="the pack's config values; with several packs, by pack")
    add("--host", default="127.0.0.1", help="the address to listen on")
    add("--port", type=int, default=0, help="the port to listen on; 0 is any that is free")
    add("--api-key", help="what callers have to send; without it anybody may call")
    add("--server-key", type=Path, help="the key file that encrypts secret keys")
    add("--no-sensors", action="store_true", help="don't run the packs' sensors")
    add("--no-timers", action="store_true", help="don't run the rules' timers")
    add("--poll-interval", type=int, help="seconds between polls of every sensor, for demos")
    add("--json", action="store_true", help="print where it listens as one line of JSON")
    return parser.parse_args()


def make_app(given: argparse.Namespace) -> App:
    """The App that was asked for. Raises RegistrationError."""
    config: dict[str, Any] = read_yaml(given.config) if given.config else {}
    return App(
        given.pack,
        given.data,
        config=config,
        api_key=given.api_key,
        server_key=given.server_key,
        host=given.host,
        port=given.port,
        sensors=not given.no_sensors,
        timers=not given.no_timers,
        poll_interval=given.poll_interval,
    )


def main() -> None:
    """Serves until it is told to end."""
    given = arguments()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("waitress").setLevel(logging.ERROR)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        app = make_app(given)
    except RegistrationError as error:
        raise SystemExit(f"can't register the pack: {error}") from error
    with app:
        packs = sorted(set(app.packs) - {"core"})
        url = app.api.url
        print(json.dumps({"url": url, "packs": packs}) if given.json else url, flush=True)
        ended.wait()


if __name__ == "__main__":
    main()
