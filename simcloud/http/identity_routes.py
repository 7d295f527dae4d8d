"""Identity v2.0."""
from __future__ import annotations

from flask import Blueprint, Response

from simcloud.clock import iso_with_milliseconds
from simcloud.errors import Refused
from simcloud.http.exchange import answer, part, root, the_region
from simcloud.identity.catalog import service_catalog

routes = Blueprint("identity", __name__, url_prefix="/identity/v2.0")


@routes.post("/tokens")
def authenticate() -> Response:
    region = the_region()
    credentials = part("auth").get("RAX-KSKEY:apiKeyCredentials")
    if not isinstance(credentials, dict):
        raise Refused(400, "Expecting RAX-KSKEY:apiKeyCredentials in auth")
    token, expires = region.tokens.give(credentials)
    tenant = region.settings.tenant
    access = {
        "token": {
            "id": token,
            "expires": iso_with_milliseconds(expires, "Z"),
            "tenant": {"id": tenant, "name": tenant},
            "RAX-AUTH:authenticatedBy": ["APIKEY"],
        },
        "serviceCatalog": service_catalog(root(), region.settings),
        "user": {"id": "161418", "name": region.username, "roles": [],
                 "RAX-AUTH:defaultRegion": region.settings.region_name},
    }
    return answer({"access": access})
