"""What Load Balancers checks in a request."""
from __future__ import annotations

import ipaddress
from typing import Any

from simcloud.errors import invalid
from simcloud.load_balancers.load_balancer import ALGORITHMS, DEFAULT_ALGORITHM

PROTOCOLS = {
    "HTTP": 80, "HTTPS": 443, "TCP": None, "TCP_CLIENT_FIRST": None, "UDP": None, "FTP": 21,
    "DNS_TCP": 53, "DNS_UDP": 53, "IMAPv4": 143, "POP3": 110, "SMTP": 25, "LDAP": 389,
    "MYSQL": 3306, "SFTP": 22,
}  # fmt: skip
CONDITIONS = ("ENABLED", "DISABLED", "DRAINING")
TYPES = ("PRIMARY", "SECONDARY")
MOST_NAME = 128


def checked_load_balancer(request: dict[str, Any]) -> dict[str, Any]:
    """The request with its defaults; 400 with all findings."""
    protocol = str(request.get("protocol", "HTTP"))
    port = request.get("port", PROTOCOLS.get(protocol))
    name = request.get("name")
    findings = []
    if not isinstance(name, str) or not 0 < len(name) <= MOST_NAME:
        findings.append("Load balancer name is invalid or missing: 1 to 128 characters")
    if protocol not in PROTOCOLS:
        findings.append(f"Load balancer protocol is invalid: {protocol}")
    if not _is_port(port):
        findings.append("Must provide a valid port for the load balancer: 1 to 65535")
    if not request.get("virtualIps"):
        findings.append("Must provide at least one virtual ip for the load balancer.")
    findings += algorithm_findings(request)
    if findings:
        raise invalid(*findings)
    return {"algorithm": DEFAULT_ALGORITHM, **request, "protocol": protocol, "port": port}


def algorithm_findings(request: dict[str, Any]) -> list[str]:
    """What is wrong with a load balancer's algorithm, if one is given."""
    if request.get("algorithm", DEFAULT_ALGORITHM) in ALGORITHMS:
        return []
    return ["Load balancer algorithm is invalid. Please specify a valid algorithm."]


def checked_node(request: Any) -> dict[str, Any]:
    """A new node with its defaults."""
    if not isinstance(request, dict):
        raise invalid("Node is invalid")
    node = {"condition": "ENABLED", "type": "PRIMARY", "weight": 1, **request}
    findings = [*_place_findings(node), *node_findings(node)]
    if findings:
        raise invalid(*findings)
    return {key: node[key] for key in ("address", "port", "condition", "type", "weight")}


def node_findings(node: dict[str, Any]) -> list[str]:
    """What is wrong with a node's condition, type and weight, as far as they are given."""
    findings = []
    if node.get("condition", "ENABLED") not in CONDITIONS:
        findings.append(f"Node condition is invalid: one of {', '.join(CONDITIONS)}")
    if node.get("type", "PRIMARY") not in TYPES:
        findings.append(f"Node type is invalid: one of {', '.join(TYPES)}")
    weight = node.get("weight", 1)
    if not isinstance(weight, int) or isinstance(weight, bool) or not 1 <= weight <= 100:
        findings.append("Node weight is invalid. Range is 1-100. Please specify a valid weight.")
    return findings


def _place_findings(node: dict[str, Any]) -> list[str]:
    findings = []
    try:
        ipaddress.ip_address(node.get("address", ""))
    except ValueError:
        findings.append("Node address is invalid. Please specify a valid ip.")
    if not _is_port(node.get("port")):
        findings.append("Node port is invalid. Please specify a valid port: 1 to 65535")
    return findings


def _is_port(port: Any) -> bool:
    return isinstance(port, int) and not isinstance(port, bool) and 1 <= port <= 65_535
