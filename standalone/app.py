"""The composition root: the one place that knows all the parts."""

from __future__ import annotations

import logging
from pathlib import Path
from types import TracebackType
from typing import Any

from standalone import pack_config
from standalone.alarms import Alarms
from standalone.core_pack import builtin_pack
from standalone.executions import Executions
from standalone.registry import check_references, find_action, load_pack
from standalone.resources import Action, Pack
from standalone.sensors import Sensors
from standalone.store import Store
from standalone.tokens import Tokens

LOG = logging.getLogger(__name__)


class App:
    """Packs, the datastore, executions, rules, sensors and the API of one process.

    `packs` are pack directories; `data` is the directory for the database; `config` holds config
    values by pack (`{"mypack": {...}}`), or, with a single pack, that pack's values themselves.
    Nothing runs before `start`. `packs` becomes a dict of `Pack` by ref; the built-in pack `core`
    is always among them.
    """

    def __init__(
        self,
        packs: list[Path],
        data: Path,
        *,
        config: dict[str, Any] | None = None,
        api_key: str | None = None,
        server_key: Path | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        sensors: bool = True,
        timers: bool = True,
        poll_interval: int | None = None,
    ) -> None:
        from standalone.aliases import Aliases
        from standalone.api import make_server
        from standalone.keys import KeyStore
        from standalone.rules import Rules
        from standalone.timers import Timers
        from standalone.triggers import Triggers

        data.mkdir(parents=True, exist_ok=True)
        self.host, self.port, self.api_key = host, port, api_key
        self.poll_interval = poll_interval  # seconds, for all sensors, instead of their own
        self.packs: dict[str, Pack] = load_packs(packs, config or {})
        self.store = Store(data / "standalone.db")
        self.tokens = Tokens()
        self.alarms = Alarms()
        self.keys = KeyStore(self.store, server_key)
        self.executions = Executions(self)
        self.triggers = Triggers(self)
        self.rules = Rules(self)
        self.aliases = Aliases(self)
        self.timers = Timers(self) if timers else None
        self.sensors = Sensors(self, run=sensors)
        self.api = make_server(self)

    def action(self, ref: str) -> Action | None:
        """The action with this ref (`pack.name`), or None."""
        return find_action(self.packs, ref)

    def pack_config(self, ref: str, user: str) -> dict[str, Any]:
        """The pack's config as an action of this user sees it, its templates rendered."""
        pack = self.packs[ref]
        return pack_config.resolve(pack.config_schema, pack.config, self.keys, user)

    def api_access(self, token: str) -> dict[str, str]:
        """What a process needs in its environment to call the API."""
        return {"ST2_API_URL": self.api.url, "ST2_AUTH_TOKEN": token}

    def start(self) -> None:
        """Serves the API, then starts what may call it."""
        self.alarms.start()
        self.api.start()
        self.executions.start()
        if self.timers:
            self.timers.start()
        self.sensors.start()

    def stop(self) -> None:
        """Ends sensors, timers and running actions (these are marked abandoned), then the API."""
        self.sensors.stop()
        if self.timers:
            self.timers.stop()
        self.executions.stop()
        self.alarms.stop()
        self.api.close()
        self.store.close()

    def wait_idle(self, timeout: float = 30) -> None:
        """Returns when no execution is active; TimeoutError names those that are."""
        self.executions.wait_idle(timeout)

    def __enter__(self) -> App:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def load_packs(paths: list[Path], config: dict[str, Any]) -> dict[str, Pack]:
    """The packs by ref, `core` included, each with its config values."""
    packs = {"core": builtin_pack()}
    for path in paths:
        pack = load_pack(path, config, alone=len(paths) == 1)
        packs[pack.ref] = pack
    check_references(packs)
    return packs
