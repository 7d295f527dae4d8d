from __future__ import annotations

from typing import Iterator

import pytest

for part in ("servers", "load_balancers", "dns"):
    pytest.register_assert_rewrite(f"{__package__}.contract_{part}")

from .scripted import Scripted, scripted  # noqa: E402


@pytest.fixture
def cloud() -> Iterator[Scripted]:
    with scripted() as serving:
        yield serving
