"""Loads the file that an action's or sensor's metadata names, as StackStorm 3.9 does."""

from __future__ import annotations

import importlib.util
import os
import sys
from typing import Any


def classes_in(path: str) -> list[type]:
    """The classes defined in the file, by name.

    The file's folder is appended to the path. The module is not put into `sys.modules`, so what
    looks itself up there (a dataclass with string annotations) fails, as it does in StackStorm.
    """
    folder, name = os.path.split(path)
    if folder not in sys.path:
        sys.path.append(folder)
    spec = importlib.util.spec_from_file_location(os.path.splitext(name)[0], path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: list[Any] = [getattr(module, name) for name in sorted(dir(module))]
    return [one for one in found if isinstance(one, type) and one.__module__ == spec.name]
