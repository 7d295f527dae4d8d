"""Requests to the services, authenticated and repeated where that is safe."""
from __future__ import annotations

import json
from typing import Any, Callable, TypeVar

from autoscale.clouds.rackspace.errors import Kinds, error_of, unreadable
from autoscale.clouds.rackspace.identity import Identity, Service
from autoscale.clouds.rackspace.retry import Sleep, until_answered
from autoscale.clouds.rackspace.transport import Answer, Outcome, Params, Transport
from autoscale.seams import CloudError

T = TypeVar("T")

Decode = Callable[[Any], T]
"""From an answer's JSON to a value. It may raise KeyError, TypeError, ValueError: the session
makes them an error that says what could not be understood."""


class Session:
    """What the services share. Any number of threads may use it at once."""

    def __init__(self, identity: Identity, transport: Transport, sleep: Sleep) -> None:
        self._identity = identity
        self._transport = transport
        self.sleep = sleep

    def endpoint(self, service: Service) -> str:
        """Where the service is, without a slash at the end."""
        return self._identity.endpoint(self._identity.token(), service)

    def read(
        self, service: Service, path: str, decode: Decode[T], what: str, params: Params = ()
    ) -> T:
        """GET and decode, repeated a few times if it fails. Raises Gone, Refused, CloudError.

        ``what`` completes the sentence 'could not ...'.
        """
        answer = self._send("GET", service, path, None, params, what, None)
        return self.decoded(answer.text, lambda text: decode(_json(text)), what)

    def change(
        self,
        method: str,
        service: Service,
        path: str,
        decode: Decode[T],
        what: str,
        body: object = None,
        params: Params = (),
        kinds: Kinds | None = None,
    ) -> T:
        """Change something, once. Waits a little while the cloud says that it is busy.

        ``kinds`` says what a status means for this request. Raises Uncertain when the change may
        have happened although there is no sign of it.
        """
        answer = self._send(method, service, path, body, params, what, kinds)
        if decode is nothing:
            return decode(None)
        return self.decoded(answer.text, lambda text: decode(_json(text)), what, changes=True)

    def _send(
        self,
        method: str,
        service: Service,
        path: str,
        body: object,
        params: Params,
        what: str,
        kinds: Kinds | None,
    ) -> Answer:
        changes = method != "GET"

        def failed(outcome: Outcome) -> CloudError:
            error = error_of(outcome, what, changes, kinds)
            return type(error)(self._identity.hide(str(error)), error.retry_after)

        def send() -> Outcome:
            return self._authorised(method, service, path, body, params)

        return until_answered(send, failed, changes=changes, sleep=self.sleep)

    def _authorised(
        self, method: str, service: Service, path: str, body: object, params: Params
    ) -> Outcome:
        """One request; a second one with a new token when the first token was refused."""
        token = self._identity.token()
        for again in (True, False):
            outcome = self._transport.send(
                method,
                self._identity.endpoint(token, service) + path,
                headers={"X-Auth-Token": token.value},
                body=body,
                params=params,
            )
            if not (again and isinstance(outcome, Answer) and outcome.status == 401):
                break
            token = self._identity.token(refused=token)
        return outcome

    def decoded(self, body: Any, decode: Decode[T], what: str, changes: bool = False) -> T:
        """Decode what was read; an error with a text if it is not as documented."""
        try:
            return decode(body)
        except KeyError as missing:
            problem = f"{missing} is missing"
        except (TypeError, ValueError, AttributeError, IndexError) as error:
            problem = str(error)
        raise unreadable(self._identity.hide(problem[:100]), what, changes)


def _json(text: str) -> Any:
    """The JSON of an answer; none at all reads as an empty object."""
    return json.loads(text) if text.strip() else {}


def nothing(_: Any) -> None:
    """Decode an answer whose status says it all."""
