from __future__ import annotations

from typing import Iterator

import pytest

from .scripted import Scripted, scripted


@pytest.fixture
def cloud() -> Iterator[Scripted]:
    with scripted() as serving:
        yield serving
