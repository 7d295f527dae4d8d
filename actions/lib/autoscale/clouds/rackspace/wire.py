"""Requests over HTTP with ``requests``: the one module that knows it."""
from __future__ import annotations

from http.cookiejar import DefaultCookiePolicy
from typing import Mapping

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from autoscale.clouds.rackspace.transport import Answer, NoAnswer, Outcome, Params

CONNECT_TIMEOUT = 5.0
THREADS = 16  # apply creates 10 servers at once, plan observes four things at once


class Wire:
    """A pool of connections that any number of threads may use at once.

    It follows no redirect and keeps no cookie: requests drops only ``Authorization`` when it is
    sent to another host, it would hand ``X-Auth-Token`` over.
    """

    def __init__(self, read_timeout: float) -> None:
        self._timeout = (min(CONNECT_TIMEOUT, read_timeout), read_timeout)
        self._session = requests.Session()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = HTTPAdapter(pool_connections=THREADS, pool_maxsize=THREADS, max_retries=0)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: object = None,
        params: Params = (),
    ) -> Outcome:
        """Send one request, once. Never raises for what a network can do."""
        try:
            response = self._session.request(
                method,
                url,
                headers={"Accept": "application/json", **headers},
                json=body,
                params=list(params),
                timeout=self._timeout,
                allow_redirects=False,
            )
            return Answer(response.status_code, response.headers, response.text)
        except requests.RequestException as error:
            # A value, not a chained exception: `error.request` holds the token and the API key.
            return _no_answer(error)


def _no_answer(error: requests.RequestException) -> NoAnswer:
    cause = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(error, requests.exceptions.ReadTimeout):
        return NoAnswer("no answer came in time", sent=True, slow=True)
    if isinstance(cause, NewConnectionError):  # before its base class, ConnectTimeoutError
        return NoAnswer("no connection (refused, or the host's name is unknown)", sent=False)
    if isinstance(cause, ConnectTimeoutError):
        return NoAnswer("the connection timed out", sent=False, slow=True)
    if isinstance(error, requests.exceptions.SSLError):
        certificate = "certificate" in str(error).lower()
        reason = "the TLS certificate is not valid" if certificate else "TLS failed"
        return NoAnswer(reason, sent=not certificate)
    if isinstance(error, ValueError):  # InvalidURL, MissingSchema, InvalidSchema
        return NoAnswer("the URL is not valid", sent=False)
    return NoAnswer(f"the connection broke ({type(error).__name__})", sent=True)
