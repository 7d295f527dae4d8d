"""``make serve``: the region and the pack, staying up, to be used by hand."""
from __future__ import annotations

import shlex
import signal
import sys
import threading
from pathlib import Path

from demo.stage import API_KEY, PUBLIC_KEY, ROOT, Stage

EXAMPLES = ROOT / "examples" / "registry"
"""A pack whose actions can be tried as hooks."""

TEXT = """\
A simulated Rackspace region and the pack are up. In another shell:

  {exports}
  alias st2='{st2} --skip-config'

  st2 action list --pack autoscale
  st2 run autoscale.asg.create name=web domain=example.com min_nodes=2 application_name="My shop"
  st2 run autoscale.asg.status asg=web
  st2 action-alias execute 'asg expand asg=web'
  st2 key list --prefix asg.web --limit -1

What New Relic would post:

  curl -H 'St2-Api-Key: {key}' -H 'Content-Type: application/json' \\
    {api}/api/v1/webhooks/nrhook -d '{{"state": "ACTIVATED", "priority": "CRITICAL",
    "title": "Too slow", "impactedEntities": ["My shop"]}}'

What the region knows, what was told in the chat, and how to break things:

  curl $CONTROL/state
  curl $CONTROL/slack/messages
  curl $CONTROL

docs/use-cases.md has more to paste.

Ctrl-C ends both; nothing is kept."""


def main() -> int:
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with Stage(build_seconds=5, packs=(EXAMPLES,)) as stage:
        stage.st2("key", "set", "ssh_pub_key", PUBLIC_KEY)
        reached = {**stage.st2_environment(), "CONTROL": stage.region["control_url"]}
        exports = [f"export {name}={shlex.quote(value)}" for name, value in reached.items()]
        print(TEXT.format(
            exports="\n  ".join(exports), st2=Path(sys.executable).with_name("st2"), key=API_KEY,
            api=stage.api), flush=True)
        ended.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
