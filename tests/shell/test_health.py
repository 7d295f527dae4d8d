"""Asking nodes whether they serve: over real connections, and never for longer than allowed."""
from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager

import pytest

from autoscale.core.checks import HealthCheck
from autoscale.health import Question, ask_all, is_success, passes

HTTP = HealthCheck("http", "/ready")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@contextmanager
def node(answer):
    """A server whose connections ``answer`` handles, once each; the port it listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        def serve():
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    answer(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def answers(*chunks):
    heard = []

    def answer(connection):
        heard.append(connection.recv(4096))
        for chunk in chunks:
            connection.sendall(chunk)

    answer.heard = heard
    return answer


@pytest.mark.parametrize(("line", "expected"), [
    (b"HTTP/1.1 200 OK", True), (b"HTTP/1.0 204 No Content", True), (b"HTTP/1.1 302 Found", True),
    (b"HTTP/1.1 399", True), (b"HTTP/1.1 404 Not Found", False), (b"HTTP/1.1 503 Busy", False),
    (b"HTTP/1.1 100 Continue", False), (b"SSH-2.0-OpenSSH_9.6", False), (b"", False),
    (b"HTTP/1.1 2000", False), (b"HTTP/1.1", False), (b"HTTP/2 200", False),
    (b"200 HTTP/1.1 200", False)])
def test_2xx_and_3xx_pass_and_nothing_else_does(line, expected):
    assert is_success(line + b"\r\n") is expected


def test_a_node_is_asked_for_the_path_and_no_redirection_is_followed():
    answer = answers(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n")
    with node(answer) as port:
        assert passes(HTTP, "127.0.0.1", port)
    (request,) = answer.heard
    assert request.startswith(b"GET /ready HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n" % port)


def test_a_path_can_not_smuggle_in_a_header():
    answer = answers(OK)
    with node(answer) as port:
        assert passes(HealthCheck("http", "/a b\r\nX-Evil: 1\r\n"), "127.0.0.1", port)
    assert b"GET /a%20b%0D%0AX-Evil:%201%0D%0A HTTP/1.1\r\n" in answer.heard[0]


def test_an_answer_may_come_in_pieces():
    with node(answers(OK[:3], OK[3:])) as port:
        assert passes(HTTP, "127.0.0.1", port)


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK", b"x" * 10_000 + b"\n"])
def test_an_answer_without_a_first_line_is_a_failure(said):
    with node(answers(said)) as port:
        assert not passes(HTTP, "127.0.0.1", port)


def test_a_connection_is_enough_for_tcp_and_a_closed_port_is_not():
    with node(lambda connection: None) as port:
        assert passes(HealthCheck("tcp"), "127.0.0.1", port)
        assert not passes(HTTP, "127.0.0.1", port)
    assert not passes(HealthCheck("tcp"), "127.0.0.1", port)


def test_a_node_that_answers_ever_so_slowly_holds_nobody_beyond_the_timeout():
    given_up = threading.Event()

    def drip(connection):
        connection.settimeout(None)
        while not given_up.wait(0.05):
            connection.sendall(b"H")

    with node(drip) as port:
        began = time.monotonic()
        assert not passes(HealthCheck("http", timeout=1), "127.0.0.1", port)
        assert time.monotonic() - began < 3
        given_up.set()


def questions(port, count):
    return [Question(f"s{number}", HTTP, "127.0.0.1", port) for number in range(count)]


def test_all_are_asked_and_who_passes_is_told_from_who_does_not():
    with node(answers(OK)) as port, node(answers(b"HTTP/1.1 500 Sorry\r\n\r\n")) as broken:
        told = ask_all([*questions(port, 30), Question("ill", HTTP, "127.0.0.1", broken)], 60)
    assert told.passed == {f"s{number}" for number in range(30)}
    assert told.unasked == frozenset()
    assert ask_all([], 60) == (frozenset(), frozenset())


def test_when_the_time_is_up_nobody_else_is_asked_and_nothing_is_said_of_those():
    asked = []

    def answer(connection):
        asked.append(connection.recv(4096))
        connection.sendall(OK)

    with node(answer) as port:
        told = ask_all(questions(port, 500), 60, lambda: 61.0 * (len(asked) >= 20))
    assert told.unasked
    assert len(told.passed) + len(told.unasked) <= 500
    assert len(asked) <= 20 + 64
    assert not told.passed & told.unasked
