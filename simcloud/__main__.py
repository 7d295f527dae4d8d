"""python -m simcloud: a region until it is stopped."""
from __future__ import annotations

import argparse
import contextlib
import json
import signal
import sys
import threading

from simcloud.clock import SystemClock
from simcloud.region import Region
from simcloud.serving import RegionServer, serve
from simcloud.settings import Settings

EXAMPLES = """
A Rackspace region on this machine: Identity, Servers, Load Balancers, DNS, and Slack and New Relic
beside them. It prints where everything is and serves until it is stopped with Ctrl-C. Nothing is
kept: every start is an empty region.

  python -m simcloud --port 8774 --build-seconds 10

See and change it with the control API (curl URL/control lists all of it):

  URL=http://127.0.0.1:8774
  curl $URL/control/state                                    # all there is
  curl "$URL/control/calls?method=POST"                      # the API calls it got
  curl $URL/control/faults -d '{"kind": "fail", "method": "POST", "path": "/servers$",
                                "status": 504, "after_effect": true}'
  curl $URL/control/tamper/delete_server -d '{"id_or_name": "web-1"}'
  curl -X PUT $URL/control/settings -d '{"server_quota": 5}'
  curl $URL/control/slack/messages

Use it as any client does:

  curl $URL/identity/v2.0/tokens -d '{"auth": {"RAX-KSKEY:apiKeyCredentials":
       {"username": "demo", "apiKey": "demo-api-key"}}}'

ACTIVE servers answer HTTP on their own addresses 127.x.y.z; load balancers forward to them.
"""


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    settings = Settings(
        build_seconds=options.build_seconds,
        seed=options.seed,
        rate_limits=options.rate_limits,
        listen=not options.no_listen,
    )
    _allow_many_sockets()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    region = Region(clock=SystemClock(options.speed), settings=settings)
    with serve(region, options.host, options.port) as server:
        print(_places(server, options.json), flush=True)
        stop.wait()
    return 0


def _allow_many_sockets() -> None:
    """Every server listens on two addresses: as many of them as the system lets us have."""
    if sys.platform == "win32":
        return
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m simcloud",
        description="Serve a simulated Rackspace region on the loopback.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to serve on (%(default)s)")
    parser.add_argument("--port", type=int, default=0, help="0 (the default) is any free port")
    parser.add_argument("--build-seconds", type=float, default=Settings.build_seconds,
                        help="how long a server builds, in the region's seconds (%(default)s)")
    parser.add_argument("--speed", type=float, default=1.0,
                        help="how many of the region's seconds pass in a real one (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of all that is random (%(default)s)")
    parser.add_argument("--rate-limits", action="store_true", help="enforce Rackspace's limits")
    parser.add_argument("--no-listen", action="store_true",
                        help="servers and load balancers exist only in the API")
    parser.add_argument("--json", action="store_true",
                        help="print where everything is as one line of JSON")
    return parser


def _places(server: RegionServer, as_json: bool) -> str:
    settings = server.region.settings
    places = {
        "auth_url": server.auth_url,
        "username": settings.username,
        "api_key": settings.api_key,
        "region": settings.region_name,
        "slack_url": server.slack_url,
        "slack_token": settings.slack_token,
        "newrelic_url": server.newrelic_url,
        "newrelic_key": settings.newrelic_key,
        "control_url": server.control_url,
    }
    if as_json:
        return json.dumps(places)
    return "\n".join(f"{name:14}{value}" for name, value in places.items())


if __name__ == "__main__":
    sys.exit(main())
