"""Groups from files and back: YAML or JSON, checked against the published schema."""
from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import quote, unquote

import jsonschema
import yaml

from autoscale import groups
from autoscale.core import documents
from autoscale.core.requests import BadRequest, group_name
from autoscale.seams import Datastore

SCHEMA = os.path.join(os.path.dirname(__file__), "group.schema.json")
LARGEST = 100_000
"""Characters of a document."""


def parse(text: str) -> dict[str, Any]:
    """The document in the text; BadRequest names the path of everything that is wrong."""
    if len(text) > LARGEST:
        raise BadRequest(f"the document is larger than {LARGEST} characters")
    try:
        content = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        where = getattr(error, "problem_mark", None)
        line = f", line {where.line + 1}" if where else ""
        raise BadRequest(f"the document is neither YAML nor JSON{line}") from None
    with open(SCHEMA, encoding="utf-8") as file:
        validator = jsonschema.Draft4Validator(json.load(file))
    wrong = sorted(validator.iter_errors(content), key=lambda error: list(map(str, error.path)))
    if wrong:
        raise BadRequest("; ".join(f"{_path(error)}: {_said(error)}" for error in wrong[:10]))
    checked: dict[str, Any] = content
    documents.read(checked)
    return checked


def _path(error: Any) -> str:
    return ".".join(map(str, error.path)) or "the document"


def _said(error: Any) -> str:
    return str(error.message).split("\n")[0][:200]


def read(text: str, asked: str, dry_run: bool) -> dict[str, Any]:
    """What asg.decide is asked: ``{asg, asked}``, percent-encoded; ``asked`` is what came along."""
    content = parse(unquote(text))
    more = {**json.loads(unquote(asked or "{}")), "definition": {
        "document": content, "dry_run": dry_run}}
    return {"asg": content["group"]["name"], "asked": quote(json.dumps(more)), "dry_run": dry_run}


def export(store: Datastore, asg: object) -> dict[str, Any]:
    """The group as a document: ``{asg, document}``, YAML that asg.apply takes."""
    name = group_name(asg)
    group = groups.load(store, name)
    if group is None:
        raise BadRequest(f"there is no group {name}")
    text = yaml.safe_dump(documents.write(group), sort_keys=False, allow_unicode=True)
    return {"asg": name, "document": text, "text": text}
