"""Serving a region over HTTP on the loopback."""
from __future__ import annotations

import logging
import threading
from types import TracebackType
from typing import Any, Callable, Iterable

import waitress.server
from waitress import wasyncore

from simcloud.clock import SystemClock
from simcloud.http.exchange import ENVIRON_KEY
from simcloud.http.front import front
from simcloud.region import Region

THREADS = 16  # calls at a time; a hanging one takes a thread
TICK = 0.05  # real seconds

# Waitress warns of each call that waits for a thread, which is what hanging calls are for.
logging.getLogger("waitress").setLevel(logging.ERROR)


def serve(region: Region, host: str = "127.0.0.1", port: int = 0) -> RegionServer:
    """Start to serve; use the result in a `with`, or close() it. Port 0 is any free one."""
    return RegionServer(region, host, port)


class RegionServer:
    """One port with a region behind it. Setting `region` puts another behind the same port."""

    def __init__(self, region: Region, host: str, port: int) -> None:
        self._region = region
        self._app = front()
        self._stopping = threading.Event()
        self._http = waitress.server.create_server(
            self._answer, host=host, port=port, threads=THREADS,
            log_socket_errors=False, clear_untrusted_proxy_headers=False,
            channel_timeout=600, connection_limit=1000, asyncore_use_poll=True,
        )  # fmt: skip
        self.url = f"http://{host}:{self._http.effective_port}"
        self.auth_url = f"{self.url}/identity/v2.0/"
        self.slack_url = f"{self.url}/slack/api/"
        self.newrelic_url = f"{self.url}/newrelic/v2/"
        self.control_url = f"{self.url}/control"
        self._threads: dict[str, threading.Thread] = {}
        self._start("simcloud-http", self._loop)
        self._start_ticking()

    @property
    def region(self) -> Region:
        return self._region

    @region.setter
    def region(self, region: Region) -> None:
        """Close the region so far and serve this one from now on."""
        before, self._region = self._region, region
        before.close()
        self._start_ticking()

    def close(self) -> None:
        """Stop serving and close the region. Returns when all threads are gone; can be repeated."""
        self._region.close()
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._http.pull_trigger()
        for thread in self._threads.values():
            thread.join()
        self._http.task_dispatcher.shutdown()
        wasyncore.close_all(self._http._map)

    def __enter__(self) -> RegionServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _start(self, name: str, work: Callable[[], None]) -> None:
        self._threads[name] = threading.Thread(target=work, name=name, daemon=True)
        self._threads[name].start()

    def _start_ticking(self) -> None:
        """A manual clock needs no ticker: its region ages at each look."""
        if isinstance(self._region.clock, SystemClock) and "simcloud-clock" not in self._threads:
            self._start("simcloud-clock", self._tick)

    def _loop(self) -> None:
        while not self._stopping.is_set():
            wasyncore.loop(timeout=1, use_poll=True, map=self._http._map, count=1)

    def _tick(self) -> None:
        """Let servers and load balancers come up by themselves, with nobody asking."""
        while not self._stopping.wait(TICK):
            self._region.age()

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ[ENVIRON_KEY] = self._region
        return self._app(environ, start_response)
