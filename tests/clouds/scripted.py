"""A cloud that answers over HTTP just what a test has written down, awkward things included."""
from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Iterator, Mapping, Union

from autoscale.clouds import connect
from autoscale.seams import Cloud

API_KEY = "the-secret-api-key"


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Reply:
    """``body``: JSON unless it is a str. ``broken``: cut the connection instead of answering."""

    body: Any = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    broken: bool = False


Script = Union[Reply, Callable[[Call], Reply]]


@dataclass
class Scripted:
    """The answers by method and path; the last one of a list is given for ever."""

    url: str = ""
    answers: dict[str, list[Script]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    expires: str = "2099-01-01T00:00:00Z"
    now: float = 1_700_000_000.0

    def on(self, line: str, *answers: Script) -> None:
        """``line`` is a method and a path, without the services' version and tenant."""
        self.answers[line] = list(answers)

    def count(self, line: str) -> int:
        return len(self.asked(line))

    def asked(self, line: str) -> list[Call]:
        return [call for call in self.calls if f"{call.method} {call.path}" == line]

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def connect(self, **config: object) -> Cloud:
        settings = {
            "username": "pat",
            "api_key": API_KEY,
            "region": "ORD",
            "auth_url": f"{self.url}/v2.0/",
            "timeout": 5,
            **config,
        }
        return connect(settings, sleep=self.sleep, clock=lambda: self.now)

    def token(self, call: Call) -> Reply:
        number = self.count("POST /tokens")
        token = {"id": f"token-{number}", "expires": self.expires}
        return Reply({"access": {"token": token, "serviceCatalog": self.catalog()}})

    def catalog(self) -> list[dict[str, Any]]:
        def entry(name: str, type_: str, **endpoint: str) -> dict[str, Any]:
            where = {"publicURL": f"{self.url}/v1/123/", **endpoint}
            return {"name": name, "type": type_, "endpoints": [where]}

        wrong = f"{self.url}/wrong"
        return [
            entry("control", "compute", region="ORD", publicURL=wrong),
            entry("cloudServers", "compute", publicURL=wrong),
            entry("cloudServersOpenStack", "compute", region="ORD"),
            entry("controlBalancers", "rax:load-balancer", region="ORD", publicURL=wrong),
            entry("cloudLoadBalancers", "rax:load-balancer", region="ORD"),
            entry("cloudDNS", "rax:dns"),
        ]

    def answer(self, call: Call) -> Reply:
        self.calls.append(call)
        answers = self.answers.get(f"{call.method} {call.path}")
        if not answers:
            return Reply({"itemNotFound": {"message": "Not found"}}, 404)
        script = answers.pop(0) if len(answers) > 1 else answers[0]
        return script if isinstance(script, Reply) else script(call)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is part of the tests."""


@contextmanager
def scripted() -> Iterator[Scripted]:
    """A scripted cloud that listens on the loopback."""
    cloud, lock = Scripted(), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:  # noqa: N802 (http.server's name)
            self._reply(self._call())
            self.close_connection = True

        do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

        def _call(self) -> Call:
            path, _, query = self.path.partition("?")
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            short = "/" + path.split("/", 3)[3] if path.startswith("/v1/123/") else path
            short = short.replace("/v2.0/", "/")
            return Call(
                self.command, short, query, dict(self.headers), json.loads(body) if body else None
            )

        def _reply(self, call: Call) -> None:
            with lock:
                reply = cloud.answer(call)
            if reply.broken:
                return
            text = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text.encode())))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    cloud.url = f"http://127.0.0.1:{server.server_address[1]}"
    cloud.on("POST /tokens", cloud.token)
    try:
        yield cloud
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
