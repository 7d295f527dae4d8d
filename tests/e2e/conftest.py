from __future__ import annotations

import logging
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Iterator, Sequence

import pytest

from simcloud import Region, Settings, SystemClock, serve
from standalone.app import App
from standalone.crypto import ServerKey
from tests.e2e.stage import ADMIN, CLOUD_KEY, IMAGE, PROFILES, ROOT, SLACK_TOKEN, SSH_KEY, Stage
from tests.standalone.api.client import API_KEY


class Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def staged(
    home: Path, newrelic: bool = False, listen: bool = False,
    packs: Sequence[Path] = (PROFILES,), **options: Any
) -> Iterator[Stage]:
    """A region that is quick and an App that runs the pack as it is configured in production, with
    New Relic or without, and ``packs`` beside it; whose servers ``listen``, or are only in its API.
    After all that has happened on it, no secret has come out anywhere.
    """
    region = Region(SystemClock(), Settings(
        api_key=CLOUD_KEY, slack_token=SLACK_TOKEN, listen=listen, build_seconds=0.5,
        delete_seconds=0.1, lb_build_seconds=0.1, lb_update_seconds=0.1, dns_job_seconds=0.1))
    server_key = home / "key.json"
    server_key.write_text(ServerKey.generate().to_json())
    lines = Lines()
    logging.getLogger().addHandler(lines)
    with ExitStack() as exits:
        exits.callback(logging.getLogger().removeHandler, lines)
        server = exits.enter_context(serve(region))
        config = {
            "cloud": "rackspace", "username": region.username, "region": "DFW",
            "auth_url": server.auth_url, "slack_url": server.slack_url,
            "api_key": "{{ st2kv.system.rackspace_api_key }}",
            "slack_token": "{{ st2kv.system.slack_token }}",
            "chat_admins": [ADMIN], "defaults": {"vm_image_id": IMAGE},
        }
        if newrelic:
            config.update(newrelic_api_key=region.settings.newrelic_key,
                          newrelic_url=server.newrelic_url)
        app = App([ROOT, *packs], home / "data", config={"autoscale": config},
                  api_key=API_KEY, server_key=server_key, timers=False,
                  **{"sensors": False, **options})
        app.keys.set("rackspace_api_key", CLOUD_KEY, secret=True)
        app.keys.set("slack_token", SLACK_TOKEN, secret=True)
        app.keys.set("ssh_pub_key", SSH_KEY)
        stage = exits.enter_context(_running(app, region, server, home, lines))
        yield stage
        assert stage.leaked() == []


@contextmanager
def _running(app: App, region: Region, server: Any, home: Path, lines: Lines) -> Iterator[Stage]:
    with app:
        yield Stage(app, region, server, home, lines.lines)


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("e2e")) as made:
        yield made
