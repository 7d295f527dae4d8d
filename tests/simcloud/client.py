"""A plain client of the region's services, chosen from the catalog as any client has to."""
from __future__ import annotations

import time
from typing import Any, Callable

import requests

from simcloud import Region, RegionServer

IMAGE = "5ed162cc-b4eb-4371-b24a-a0ae73376c73"
KEY = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC me@example.com"
SERVICES = {
    "servers": "cloudServersOpenStack",
    "lbs": "cloudLoadBalancers",
    "dns": "cloudDNS",
}


def eventually(condition: Callable[[], bool], seconds: float = 10) -> bool:
    """Whether it becomes true, for what other threads do in real time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def fetch(place: str) -> str:
    """What answers at this address and port."""
    with requests.Session() as session:
        session.trust_env = False
        return session.get(f"http://{place}/", timeout=5).text.strip()


def private(region: Region, name: str) -> str:
    """The private address of the server of this name."""
    return region.servers.find(name).private


class Client:
    def __init__(self, server: RegionServer) -> None:
        self.front = server
        self.http = requests.Session()
        self.http.trust_env = False
        self.urls: dict[str, str] = {}
        self.log_in()

    def authenticate(self, api_key: str = "demo-api-key") -> requests.Response:
        credentials = {"username": "demo", "apiKey": api_key}
        body = {"auth": {"RAX-KSKEY:apiKeyCredentials": credentials}}
        return self.http.post(self.front.auth_url + "tokens", json=body)

    def log_in(self) -> None:
        access = self.authenticate().json()["access"]
        self.http.headers["X-Auth-Token"] = access["token"]["id"]
        entries = {entry["name"]: entry["endpoints"] for entry in access["serviceCatalog"]}
        for service, name in SERVICES.items():
            here = [each for each in entries[name] if each.get("region") in ("DFW", None)]
            self.urls[service] = here[0]["publicURL"]

    def call(self, method: str, service: str, path: str, **kwargs: Any) -> requests.Response:
        base = self.urls.get(service) or f"{self.front.url}/{service}"
        return self.http.request(method, base + path, **kwargs)

    def get(self, service: str, path: str, **params: Any) -> Any:
        """The JSON of a 200."""
        response = self.call("GET", service, path, params=params)
        assert response.status_code == 200, response.text
        return response.json()

    def create_server(self, name: str = "web-1", **extra: Any) -> requests.Response:
        server = {"name": name, "imageRef": IMAGE, "flavorRef": "2", **extra}
        return self.call("POST", "servers", "/servers", json={"server": server})

    def server(self, name: str = "web-1", **extra: Any) -> str:
        """The id of a new server."""
        response = self.create_server(name, **extra)
        assert response.status_code == 202, response.text
        return str(response.json()["server"]["id"])

    def create_load_balancer(self, nodes: Any = (), **extra: Any) -> requests.Response:
        wanted = {"name": "web", "port": 80, "protocol": "HTTP", "nodes": list(nodes),
                  "virtualIps": [{"type": "PUBLIC"}], **extra}
        return self.call("POST", "lbs", "/loadbalancers", json={"loadBalancer": wanted})

    def load_balancer(self, nodes: Any = (), **extra: Any) -> int:
        """The id of a new load balancer."""
        response = self.create_load_balancer(nodes, **extra)
        assert response.status_code == 202, response.text
        return int(response.json()["loadBalancer"]["id"])

    def add_nodes(self, lb_id: int, nodes: Any) -> requests.Response:
        return self.call("POST", "lbs", f"/loadbalancers/{lb_id}/nodes", json={"nodes": nodes})

    def job(self, response: requests.Response) -> Any:
        """The job that a DNS call began, as it stands."""
        assert response.status_code == 202, response.text
        return self.http.get(response.json()["callbackUrl"] + "?showDetails=true").json()

    def create_domains(self, *names: str, **extra: Any) -> requests.Response:
        domains = [{"name": name, "emailAddress": "a@example.com", "ttl": 300, **extra}
                   for name in names]
        return self.call("POST", "dns", "/domains", json={"domains": domains})


def node(last: int = 1, **extra: Any) -> dict[str, Any]:
    return {"address": f"10.0.0.{last}", "port": 8080, "condition": "ENABLED", **extra}


def record(host: str = "web-1", data: str = "10.0.0.1", **extra: Any) -> dict[str, Any]:
    return {"name": f"{host}.example.com", "type": "A", "data": data, "ttl": 300, **extra}
