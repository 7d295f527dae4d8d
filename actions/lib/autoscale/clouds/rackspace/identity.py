"""Identity v2.0: a token for many threads, and the catalog that says where the services are."""
from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from typing import Any, Callable, Sequence

from autoscale.clouds.rackspace.errors import error_of, unreadable
from autoscale.clouds.rackspace.retry import Sleep, until_answered
from autoscale.clouds.rackspace.shapes import required
from autoscale.clouds.rackspace.times import epoch
from autoscale.clouds.rackspace.transport import Outcome, Transport
from autoscale.seams import AuthenticationFailed, CloudError, Refused

SHORTEST_SECRET = 6  # what is shorter is a word of the sentence, not worth garbling it
MARGIN = 300.0  # seconds before its expiry at which a token is renewed


@dataclass(frozen=True)
class Service:
    """A service as catalogs name it. ``regional``: it has an endpoint in each region."""

    name: str
    type: str
    regional: bool = True


SERVERS = Service("cloudServersOpenStack", "compute")
LOAD_BALANCERS = Service("cloudLoadBalancers", "rax:load-balancer")
DNS = Service("cloudDNS", "rax:dns", regional=False)


@dataclass(frozen=True)
class Credentials:
    """Who the pack is, and where."""

    username: str
    api_key: str = field(repr=False)
    region: str
    auth_url: str

    @property
    def tokens_url(self) -> str:
        """Operators give the URL with or without a slash at the end, or with /tokens."""
        base = self.auth_url.rstrip("/")
        return base if base.endswith("/tokens") else f"{base}/tokens"


@dataclass(frozen=True)
class Token:
    """An authentication. ``renew_at``: seconds since 1970, None when the expiry is unknown."""

    value: str = field(repr=False)
    renew_at: float | None
    catalog: Sequence[Any] = field(repr=False)


class Identity:
    """Authenticates when it is first needed; one thread at a time, the others wait for it."""

    def __init__(
        self,
        credentials: Credentials,
        transport: Transport,
        sleep: Sleep,
        clock: Callable[[], float],
    ) -> None:
        self._credentials = credentials
        self._transport = transport
        self._sleep = sleep
        self._clock = clock
        self._lock = threading.Lock()
        self._token: Token | None = None

    def token(self, refused: Token | None = None) -> Token:
        """A token that is not the one just ``refused`` and does not expire at once.

        Raises AuthenticationFailed, or CloudError while identity can't be reached.
        """
        with self._lock:
            token = self._token
            if token is None or token is refused or self._old(token):
                token = self._token = self._authenticate()
            return token

    def endpoint(self, token: Token, service: Service) -> str:
        """The service's address, without a slash at the end. Raises Refused if there is none."""
        return endpoint(token.catalog, service, self._credentials.region)

    def hide(self, text: str) -> str:
        """The text without the API key and the token, should a cloud repeat them to us."""
        secrets = [self._credentials.api_key] + ([self._token.value] if self._token else [])
        for secret in secrets:
            if len(secret) >= SHORTEST_SECRET:
                text = text.replace(secret, "***")
        return text

    def _old(self, token: Token) -> bool:
        return token.renew_at is not None and self._clock() >= token.renew_at

    def _authenticate(self) -> Token:
        what = f"authenticate at {self._credentials.tokens_url}"

        def failed(outcome: Outcome) -> CloudError:
            kinds = dict.fromkeys((400, 401, 403), AuthenticationFailed)
            error = error_of(outcome, what, changes=False, kinds=kinds)
            return type(error)(self.hide(str(error)), error.retry_after)

        answer = until_answered(self._send, failed, changes=False, sleep=self._sleep)
        try:
            return _token(json.loads(answer.text)["access"], self._clock())
        except (KeyError, TypeError, ValueError, AttributeError):
            problem = "no token and catalog in it; check auth_url"
        raise unreadable(problem, what, changes=False)

    def _send(self) -> Outcome:
        credentials = {
            "username": self._credentials.username,
            "apiKey": self._credentials.api_key,
        }
        body = {"auth": {"RAX-KSKEY:apiKeyCredentials": credentials}}
        return self._transport.send("POST", self._credentials.tokens_url, headers={}, body=body)


def _token(access: Any, now: float) -> Token:
    expires = access["token"].get("expires")
    return Token(
        value=required(access["token"], "id"),
        renew_at=_renew_at(epoch(expires), now) if expires else None,
        catalog=tuple(dict(entry) for entry in access["serviceCatalog"]),
    )


def _renew_at(expires: float, now: float) -> float | None:
    """A new token that is past its expiry means that the two clocks differ: then 401 tells."""
    life = expires - now
    return expires - min(MARGIN, life / 10) if life > 0 else None


def endpoint(catalog: Sequence[Any], service: Service, region: str) -> str:
    """Choose by the entry's name, then its type, then the region.

    Catalogs list other entries of the same type beside the real ones (first generation servers,
    a mock's control endpoints), which the name tells apart.
    """
    entries = [e for e in catalog if e.get("name") == service.name]
    typed = [e for e in entries or catalog if e.get("type") == service.type]
    found = [p for e in typed or entries for p in e.get("endpoints") or () if p.get("publicURL")]
    here = [p for p in found if str(p.get("region") or "").lower() == region.lower()]
    anywhere = [] if service.regional else sorted(found, key=lambda p: bool(p.get("region")))
    if here + anywhere:
        return str((here + anywhere)[0]["publicURL"]).rstrip("/")
    regions = ", ".join(sorted({str(p.get("region")) for p in found})) or "none"
    raise Refused(
        f"the account's catalog has no {service.name} in region {region!r} (it has: {regions}); "
        "check region in the pack's configuration"
    )
