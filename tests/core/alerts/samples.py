"""What monitors really post, as tests/fixtures/monitors holds it."""
from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parents[2] / "fixtures" / "monitors"
SAMPLES: dict[str, Any] = {path.stem: json.loads(path.read_text(encoding="utf-8"))
                           for path in sorted(_FOLDER.glob("*.json"))}


def sample(name: str, **changes: Any) -> Any:
    """The sample of this name, these fields of its outermost object changed."""
    return {**copy.deepcopy(SAMPLES[name]), **changes}


def without(name: str, field: str) -> Any:
    """The sample of this name, without this field of its outermost object."""
    return {key: value for key, value in sample(name).items() if key != field}


def monitor(name: str) -> str:
    """The monitor that a sample is of."""
    return name.partition("_")[0]
