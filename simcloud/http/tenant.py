"""Routes below a tenant's id: with a token, within the rate limits."""
from __future__ import annotations

from typing import Any

from flask import Blueprint

from simcloud.errors import Refused
from simcloud.http.exchange import the_region
from simcloud.http.gate import check_token_and_rates


def tenant_routes(name: str, prefix: str) -> Blueprint:
    """A blueprint whose routes follow `prefix`/TENANT."""
    routes = Blueprint(name, __name__, url_prefix=f"{prefix}/<tenant>")
    routes.before_request(check_token_and_rates)
    routes.url_value_preprocessor(_check_tenant)
    return routes


def _check_tenant(endpoint: str | None, values: dict[str, Any] | None) -> None:
    tenant = (values or {}).pop("tenant", None)
    if tenant != the_region().settings.tenant:
        raise Refused(401, f"The token is not for tenant {tenant}")
