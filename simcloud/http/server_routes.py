"""Cloud Servers (Nova v2)."""
from __future__ import annotations

import re
import secrets
from typing import Any, Callable

from flask import Response, request

from simcloud.errors import Refused
from simcloud.http.exchange import answer, nothing, part, root, the_region
from simcloud.http.paging import marked, next_link
from simcloud.http.tenant import tenant_routes
from simcloud.servers.offers import FLAVORS, IMAGES
from simcloud.servers.server import Server

PREFIX = "/servers/v2"
routes = tenant_routes("servers", PREFIX)


@routes.post("/servers")
def create_server() -> Response:
    server = the_region().servers.create(part("server"))
    links = server.links(_base())
    created = {
        "id": server.id,
        "adminPass": secrets.token_urlsafe(9),
        "OS-DCF:diskConfig": "AUTO",
        "links": links,
    }
    return answer({"server": created}, 202, {"Location": links[0]["href"]})


@routes.get("/servers/detail")
def list_servers() -> Response:
    base = _base()
    return _listing(lambda server: server.to_dict(base))


@routes.get("/servers")
def list_server_names() -> Response:
    base = _base()
    return _listing(lambda server: {"id": server.id, "name": server.name,
                                    "links": server.links(base)})


@routes.get("/servers/<server_id>")
def show_server(server_id: str) -> Response:
    return answer({"server": the_region().servers.get(server_id).to_dict(_base())})


@routes.delete("/servers/<server_id>")
def delete_server(server_id: str) -> Response:
    servers = the_region().servers
    servers.delete(servers.get(server_id))
    return nothing(204)


@routes.get("/servers/<server_id>/metadata")
def show_metadata(server_id: str) -> Response:
    return answer({"metadata": the_region().servers.get(server_id).metadata})


@routes.route("/servers/<server_id>/metadata", methods=["POST", "PUT"])
def set_metadata(server_id: str) -> Response:
    """POST adds to what is there, PUT replaces it."""
    servers = the_region().servers
    server = servers.get(server_id)
    before = server.metadata if request.method == "POST" else {}
    return answer({"metadata": servers.set_metadata(server, {**before, **part("metadata")})})


@routes.get("/servers/<server_id>/metadata/<key>")
def show_metadata_item(server_id: str, key: str) -> Response:
    return answer({"meta": {key: _item(the_region().servers.get(server_id), key)}})


@routes.put("/servers/<server_id>/metadata/<key>")
def set_metadata_item(server_id: str, key: str) -> Response:
    servers = the_region().servers
    server = servers.get(server_id)
    meta = part("meta")
    if list(meta) != [key]:
        raise Refused(400, "Request body and URI mismatch")
    servers.set_metadata(server, {**server.metadata, **meta})
    return answer({"meta": meta})


@routes.delete("/servers/<server_id>/metadata/<key>")
def delete_metadata_item(server_id: str, key: str) -> Response:
    server = the_region().servers.get(server_id)
    _item(server, key)
    del server.metadata[key]
    return nothing(204)


@routes.get("/limits")
def limits() -> Response:
    region = the_region()
    absolute = {
        "maxTotalInstances": region.settings.server_quota,
        "totalInstancesUsed": len(region.servers.all()),
        "maxServerMeta": 40,
        "maxPersonality": 5,
        "maxPersonalitySize": 1000,
        "maxTotalKeypairs": 100,
    }
    return answer({"limits": {"rate": [], "absolute": absolute}})


@routes.get("/flavors")
@routes.get("/flavors/detail")
def list_flavors() -> Response:
    return answer({"flavors": [flavor.to_dict() for flavor in FLAVORS]})


@routes.get("/images")
@routes.get("/images/detail")
def list_images() -> Response:
    return answer({"images": [image.to_dict() for image in IMAGES]})


@routes.get("/flavors/<name>")
def show_flavor(name: str) -> Response:
    return answer({"flavor": _offered(FLAVORS, name, "The resource could not be found.")})


@routes.get("/images/<name>")
def show_image(name: str) -> Response:
    return answer({"image": _offered(IMAGES, name, "Image not found.")})


@routes.get("/os-keypairs")
def list_keypairs() -> Response:
    keypairs = [{"keypair": keypair} for keypair in the_region().keypairs.all()]
    return answer({"keypairs": keypairs})


@routes.post("/os-keypairs")
def add_keypair() -> Response:
    keypair = part("keypair")
    added = the_region().keypairs.add(keypair.get("name"), keypair.get("public_key"))
    return answer({"keypair": added})


@routes.get("/os-keypairs/<name>")
def show_keypair(name: str) -> Response:
    return answer({"keypair": the_region().keypairs.get(name)})


@routes.delete("/os-keypairs/<name>")
def delete_keypair(name: str) -> Response:
    the_region().keypairs.delete(name)
    return nothing(202)


def _base() -> str:
    return f"{root()}{PREFIX}/{the_region().settings.tenant}"


def _listing(entry: Callable[[Server], dict[str, Any]]) -> Response:
    region = the_region()
    servers = [server for server in region.servers.listed() if _wanted(server)]
    page, full = marked(servers, lambda server: server.id, region.settings.page_size)
    listing: dict[str, Any] = {"servers": [entry(server) for server in page]}
    if full:  # as Nova: a full page has a next one, even if that turns out to be empty
        href = next_link(limit=len(page), marker=page[-1].id)
        listing["servers_links"] = [{"rel": "next", "href": href}]
    return answer(listing)


def _wanted(server: Server) -> bool:
    """The filters that Nova honours here. One by metadata is ignored, as by the real service."""
    name, status = request.args.get("name"), request.args.get("status")
    return (not name or re.search(name, server.name) is not None) and (
        not status or status.upper() == server.status
    )


def _item(server: Server, key: str) -> str:
    try:
        return server.metadata[key]
    except KeyError:
        raise Refused(404, "Metadata item was not found") from None


def _offered(offers: Any, name: str, message: str) -> dict[str, Any]:
    for offer in offers:
        if offer.id == name:
            return dict(offer.to_dict())
    raise Refused(404, message)
