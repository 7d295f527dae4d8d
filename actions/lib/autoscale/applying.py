"""Making a group what a document says: the part of asking that has to look at what there is."""
from __future__ import annotations

from typing import Any, Callable, Mapping

from autoscale import groups
from autoscale.core import documents, keys
from autoscale.core.deciding import Decision
from autoscale.core.deciding.applying import apply_document
from autoscale.core.group import Group
from autoscale.core.requests import BadRequest, Request
from autoscale.parts import Parts

CheckLaunch = Callable[[Parts, Mapping[str, Any], Mapping[str, Any]], None]


def decide_on_document(
    parts: Parts, name: str, request: Request, defaults: Mapping[str, Any],
    check_launch: CheckLaunch,
) -> tuple[Decision, Group | None]:
    """Decide on ``request.definition``: ``{document, dry_run}``, of the shape that files checked.

    Image and size are looked up where they are new, in a dry run too.
    """
    document = documents.read(request.definition["document"])
    if document.name != name:
        raise BadRequest(f"the document is about {document.name}, not about {name}")
    try:
        group = groups.load(parts.store, name)
    except keys.Unreadable as error:
        raise BadRequest(f"{error}; correct it with st2 key set, or with asg.update") from None
    if group and group.deleted:
        raise BadRequest(f"group {name} is being deleted: try again when it is gone")
    wanted = {**defaults, **document.configuration}
    if group is None and not wanted.get("vm_image_id"):
        raise BadRequest("launch_configuration.vm_image_id is missing: give it there, or as one of "
                         "the defaults in the pack's configuration")
    check_launch(parts, vars(group) if group else {}, wanted if group is None
                 else document.configuration)
    dry_run = bool(request.definition.get("dry_run"))
    return apply_document(group, document, dry_run, defaults, int(parts.clock())), group
