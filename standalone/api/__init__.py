"""StackStorm's REST API over HTTP: the part of it that `st2`, chat bots and webhooks use."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import waitress
from waitress import wasyncore

from standalone.api.application import make_application

if TYPE_CHECKING:
    from standalone.app import App

THREADS = 32
"""Requests answered at once. One that follows an execution's output holds a thread."""


class Server:
    """The API of an App, served from `start` to `close`; `url` is where, without a slash."""

    def __init__(self, app: App, host: str, port: int) -> None:
        application = make_application(app)
        self._server = waitress.create_server(
            application,
            host=host,
            port=port,
            threads=THREADS,
            ident=None,
            clear_untrusted_proxy_headers=True,
        )
        self.url = f"http://{host}:{self._server.effective_port}"
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="api", daemon=True)

    def start(self) -> None:
        """Answers requests from now on, in threads of its own."""
        self._thread.start()

    def close(self) -> None:
        """Stops listening, lets requests that are being answered end, and hangs up on everyone."""
        self._closing.set()
        if self._thread.is_alive():
            self._server.pull_trigger()
            self._thread.join()
        self._server.task_dispatcher.shutdown()
        wasyncore.close_all(self._server._map)

    def _loop(self) -> None:
        # waitress's own loop ends only when its sockets are closed, which another thread can't do:
        # they would be closed while the loop waits for them.
        while not self._closing.is_set():
            wasyncore.loop(timeout=1, map=self._server._map, count=1)


def make_server(app: App) -> Server:
    """A server for the App, at its host and port; a port of 0 is any that is free."""
    return Server(app, app.host, app.port)
