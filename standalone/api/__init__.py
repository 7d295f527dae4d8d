"""StackStorm's REST API over HTTP: the part of it that `st2`, chat bots and webhooks use."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import waitress

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
        self._thread = threading.Thread(target=self._server.run, name="api", daemon=True)

    def start(self) -> None:
        """Answers requests from now on, in threads of its own."""
        self._thread.start()

    def close(self) -> None:
        """Stops listening, and hangs up on whoever keeps a connection open."""
        for channel in list(self._server.active_channels.values()):
            channel.will_close = True
        self._server.close()
        if self._thread.is_alive():
            self._thread.join(5)


def make_server(app: App) -> Server:
    """A server for the App, at its host and port; a port of 0 is any that is free."""
    return Server(app, app.host, app.port)
