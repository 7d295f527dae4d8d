"""The flavors and images that the region offers."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Flavor:
    id: str
    name: str
    ram: int
    disk: int
    vcpus: int

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "ram": self.ram,
            "disk": self.disk,
            "vcpus": self.vcpus,
            "swap": "",
            "rxtx_factor": 80.0,
            "OS-FLV-EXT-DATA:ephemeral": 0,
        }


@dataclass(frozen=True)
class Image:
    id: str
    name: str

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "status": "ACTIVE",
            "progress": 100,
            "minDisk": 20,
            "minRam": 512,
            "OS-DCF:diskConfig": "AUTO",
            "created": "2014-05-01T00:00:00Z",
            "updated": "2014-05-01T00:00:00Z",
            "metadata": {"os_type": "linux"},
        }


FLAVORS = (
    Flavor("2", "512MB Standard Instance", 512, 20, 1),
    Flavor("3", "1GB Standard Instance", 1024, 40, 1),
    Flavor("4", "2GB Standard Instance", 2048, 80, 2),
    Flavor("performance1-1", "1 GB Performance", 1024, 20, 1),
    Flavor("performance1-2", "2 GB Performance", 2048, 40, 2),
    Flavor("general1-1", "1 GB General Purpose v1", 1024, 20, 1),
    Flavor("general1-2", "2 GB General Purpose v1", 2048, 40, 2),
)
IMAGES = (
    Image("d79cb5b2-1b5a-4a5e-8b0f-2f3d5a1c9e01", "Ubuntu 22.04 LTS (Jammy Jellyfish)"),
    Image("5ed162cc-b4eb-4371-b24a-a0ae73376c73", "Ubuntu 14.04 LTS (Trusty Tahr)"),
    Image("0c5b1a60-7e1c-4f0a-9d7e-6c1c5a0e7b02", "Debian 12 (Bookworm)"),
    Image("8b1e4f0d-93a4-4c8f-a1de-3b9b6a2f4c03", "CentOS 7 (PVHVM)"),
)
