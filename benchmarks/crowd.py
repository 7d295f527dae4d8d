"""A region with many converged groups in it, put there without asking its API."""
from __future__ import annotations

from typing import Any

from autoscale.clouds.rackspace.shapes import OWNER
from autoscale.core import keys, names
from autoscale.core.group import Member
from simcloud import Region
from simcloud.servers.offers import IMAGES
from tests.support.loop import World

DOMAIN, SIZE = "example.com", "2"
ROOM = {
    "load_balancer_quota": 10**6, "domain_quota": 10**6, "server_quota": 10**6, "build_seconds": 1,
}
"""Settings for a region that takes any number of groups."""


def settle(there: World, groups: int, nodes: int, looked_at: float) -> None:
    """So many groups, each as it should be and last looked at then."""
    with there.region.lock:
        for number in range(groups):
            name = f"group-{number}"
            written = _group(there.region, name, nodes)
            fields = keys.write({**written, "looked_at": int(looked_at)})
            there.store.texts.update(
                {keys.key(name, field): text for field, text in fields.items()})
    there.clock.advance(5)


def _group(region: Region, name: str, nodes: int) -> dict[str, Any]:
    """Make what belongs to the group; answer the fields of its keys."""
    servers = [region.servers.add({
        "name": f"{name}-{number}", "imageRef": IMAGES[0].id, "flavorRef": SIZE,
        "metadata": {"asg": name}}) for number in range(nodes)]
    for server in servers:
        region.servers.turn(server, "ACTIVE")
    balancer = region.load_balancers.create({
        "name": names.load_balancer_name(name), "port": 80, "protocol": "HTTP",
        "algorithm": "WEIGHTED_ROUND_ROBIN", "virtualIps": [{"type": "PUBLIC"}],
        "metadata": [{"key": "asg", "value": name}],
        "nodes": [{"address": server.private, "port": 8080, "condition": "ENABLED"}
                  for server in servers]})
    zone = names.zone_name(name, DOMAIN)
    places = {"lb": balancer.address, **{server.name: str(server.public) for server in servers}}
    made = region.zones.create([{
        "name": zone, "emailAddress": f"admin@{DOMAIN}", "comment": OWNER + name,
        "recordsList": {"records": [
            {"name": f"{host}.{zone}", "type": "A", "data": address, "ttl": 300}
            for host, address in places.items()]}}])
    return {
        "min_nodes": 0, "max_nodes": 2 * nodes, "desired_nodes": nodes, "total_nodes": nodes,
        "vm_image_id": IMAGES[0].id, "vm_size_id": SIZE, "domain": DOMAIN,
        "loadbalancer_id": str(balancer.id), "dns_zone_id": str(made["domains"][0]["id"]),
        "members": {server.name: Member(server.private, server.public) for server in servers},
    }
