"""Which failures of the network leave a doubt whether the request arrived."""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from requests import exceptions

from autoscale.clouds.rackspace.transport import NoAnswer, Transport

from .scripted import Reply, Scripted

LIBRARY = Path(__file__).parents[2] / "actions" / "lib"


def failing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> NoAnswer:
    def request(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(requests.Session, "request", request)
    outcome = Transport(read_timeout=1).send("POST", "https://cloud.example", headers={})
    assert isinstance(outcome, NoAnswer)
    return outcome


@pytest.mark.parametrize(
    "error",
    [
        exceptions.SSLError("CERTIFICATE_VERIFY_FAILED: self signed certificate"),
        exceptions.InvalidURL("no host"),
        exceptions.MissingSchema("no scheme"),
    ],
)
def test_what_was_never_sent_is_certain(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    assert not failing(monkeypatch, error).sent


@pytest.mark.parametrize(
    "error",
    [
        exceptions.ReadTimeout("slow"),
        exceptions.ConnectionError("Connection aborted."),
        exceptions.ChunkedEncodingError("cut"),
        exceptions.ContentDecodingError("not gzip"),
        exceptions.SSLError("EOF occurred in violation of protocol"),
    ],
)
def test_what_may_have_arrived_is_in_doubt(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    assert failing(monkeypatch, error).sent


def test_names_that_are_unknown_and_ports_that_are_closed_are_certain() -> None:
    for url in ("http://127.0.0.1:1/", "http://nowhere.invalid/"):
        outcome = Transport(read_timeout=1).send("POST", url, headers={})
        assert isinstance(outcome, NoAnswer)
        assert not outcome.sent


def test_every_request_verifies_tls_and_has_both_time_outs(
    monkeypatch: pytest.MonkeyPatch, cloud: Scripted
) -> None:
    seen = {}
    send = requests.Session.send

    def spy(self: requests.Session, request: object, **settings: object) -> object:
        seen.update(settings)
        return send(self, request, **settings)  # type: ignore[arg-type]

    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):  # an operator's own authorities
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(requests.Session, "send", spy)
    cloud.on("GET /x", Reply({}))
    Transport(read_timeout=30).send("GET", f"{cloud.url}/x", headers={})
    assert seen["verify"] is True
    assert seen["timeout"] == (5, 30)
    assert seen["allow_redirects"] is False


def test_what_sends_nothing_does_not_wait_for_requests_to_be_imported() -> None:
    config = {"username": "u", "api_key": "k", "region": "DFW"}
    program = ("import sys, autoscale.ask, autoscale.parts\n"
               f"autoscale.parts.assemble({config}, None, None)\n"
               "assert 'requests' not in sys.modules")
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60,
                   env={**os.environ, "PYTHONPATH": str(LIBRARY)})
