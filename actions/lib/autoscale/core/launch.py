"""The launch configuration: what decides how a new server is made."""
from __future__ import annotations

import hashlib
import json

from autoscale.core.group import Group

LAUNCH_MARK = "asg_launch"
"""Metadata key that says which launch configuration a server came from."""

BALANCER_MARK = "asg_load_balancer"
"""Metadata key that says which load balancer the group had when the server was asked for."""


def launch_mark(group: Group) -> str:
    """A short mark of image, size, key and user data: another of these is another mark."""
    parts = [group.vm_image_id, group.vm_size_id, group.launch_key or "", group.user_data]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]
