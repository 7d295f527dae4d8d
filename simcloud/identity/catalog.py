"""The service catalog, with what makes choosing from it hard."""
from __future__ import annotations

from typing import Any

from simcloud.settings import Settings

OTHER_REGION = "ELSEWHERE"


def service_catalog(root: str, settings: Settings) -> list[dict[str, Any]]:
    """The services below the URL `root`.

    Before each real entry stands a decoy of the same type, and in each regional entry another
    region comes first: a client has to choose by name, type and region. Decoys answer 404.
    """
    services = (
        ("cloudServersOpenStack", "compute", "servers/v2", True),
        ("cloudLoadBalancers", "rax:load-balancer", "load_balancers/v1.0", True),
        ("cloudDNS", "rax:dns", "dns/v1.0", False),
    )
    catalog = []
    for name, kind, path, regional in services:
        for service, base in ((f"{name}Control", f"{root}/decoy"), (name, root)):
            here = {"publicURL": f"{base}/{path}/{settings.tenant}", "tenantId": settings.tenant}
            elsewhere = {**here, "publicURL": f"{root}/elsewhere/{path}/{settings.tenant}"}
            endpoints = [here]
            if regional:
                endpoints = [{**elsewhere, "region": OTHER_REGION},
                             {**here, "region": settings.region_name}]
            catalog.append({"name": service, "type": kind, "endpoints": endpoints})
    return catalog
