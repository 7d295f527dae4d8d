"""What Nova checks before it accepts a server, in Nova's words."""
from __future__ import annotations

import base64
import binascii
from typing import Any

from simcloud.errors import Refused
from simcloud.servers.offers import FLAVORS, IMAGES

METADATA_PAIRS = 40
METADATA_BYTES = 255
PERSONALITY_FILES = 5
PERSONALITY_BYTES = 1000
USER_DATA_BYTES = 65_535
PUBLIC_NETWORK = "00000000-0000-0000-0000-000000000000"


def check_server(request: dict[str, Any], key_names: set[str], over_quota_status: int) -> None:
    """Refuses what could never be built."""
    name = request.get("name")
    if not isinstance(name, str):
        raise Refused(400, "Server name is not defined")
    if not name.strip():
        raise Refused(400, "Server name is an empty string")
    if len(name) > 255:
        raise Refused(400, "Server name can only be 255 characters")
    _check_references(request, key_names)
    _check_user_data(request.get("user_data"))
    _check_personality(request.get("personality"), over_quota_status)
    check_metadata(request.get("metadata") or {}, over_quota_status)


def check_metadata(metadata: Any, over_quota_status: int) -> None:
    """Refuses pairs that are no text, too long or too many."""
    if not isinstance(metadata, dict):
        raise Refused(400, "Malformed request body. metadata item must be object")
    for key, value in metadata.items():
        if not isinstance(value, str):
            raise Refused(400, f"Metadata property value for key {key} is not a string")
        if not key:
            raise Refused(400, "Metadata property key blank")
        if max(len(key.encode()), len(value.encode())) > METADATA_BYTES:
            raise Refused(400, "Metadata property is greater than 255 characters")
    if len(metadata) > METADATA_PAIRS:
        message = f"Maximum number of metadata items exceeds {METADATA_PAIRS}"
        raise Refused(over_quota_status, message)


def wants_public_network(request: dict[str, Any]) -> bool:
    """Servers get both networks unless they name those they want."""
    networks = request.get("networks")
    return not networks or PUBLIC_NETWORK in [network.get("uuid") for network in networks]


def _check_references(request: dict[str, Any], key_names: set[str]) -> None:
    image = str(request.get("imageRef") or "").rpartition("/")[2]
    if not image:
        raise Refused(400, "Missing imageRef attribute")
    if image not in {each.id for each in IMAGES}:
        raise Refused(400, "Can not find requested image")
    flavor = str(request.get("flavorRef") or "").rpartition("/")[2]
    if not flavor:
        raise Refused(400, "Missing flavorRef attribute")
    if flavor not in {each.id for each in FLAVORS}:
        raise Refused(400, "Invalid flavorRef provided.")
    key_name = request.get("key_name")
    if key_name is not None and key_name not in key_names:
        raise Refused(400, "Invalid key_name provided.")


def _check_user_data(user_data: Any) -> None:
    if user_data is None:
        return
    try:
        base64.b64decode(user_data, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise Refused(400, "Userdata content cannot be decoded") from None
    if len(user_data) > USER_DATA_BYTES:
        raise Refused(400, f"User data too large. User data must be no larger than "
                           f"{USER_DATA_BYTES} bytes once base64 encoded.")


def _check_personality(files: Any, over_quota_status: int) -> None:
    if not files:
        return
    if len(files) > PERSONALITY_FILES:
        raise Refused(over_quota_status, "Personality file limit exceeded")
    for each in files:
        try:
            content = base64.b64decode(each["contents"], validate=True)
        except (binascii.Error, ValueError, TypeError, KeyError):
            raise Refused(400, "Bad personality format: contents are not base64") from None
        if len(content) > PERSONALITY_BYTES:
            raise Refused(over_quota_status, "Personality file content too long")
