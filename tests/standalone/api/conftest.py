from __future__ import annotations

from pathlib import Path
from typing import Iterator

import pytest

from standalone.app import App
from standalone.crypto import ServerKey
from tests.standalone.api.client import API_KEY, Client, Http

PACK = Path(__file__).parent.parent / "packs" / "chatty"


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("app")
    key = folder / "key.json"
    key.write_text(ServerKey.generate().to_json())
    with App([PACK], folder, api_key=API_KEY, server_key=key, sensors=False, timers=False) as made:
        yield made


@pytest.fixture(scope="session")
def st2(app: App, tmp_path_factory: pytest.TempPathFactory) -> Client:
    return Client(app.api.url, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def http(app: App) -> Http:
    return Http(app.api.url)
