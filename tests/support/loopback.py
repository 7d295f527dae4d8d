"""What servers of the simulated region need to listen where the region says they are."""
from __future__ import annotations

import sys

import pytest

only_linux = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux has all of 127.0.0.0/8")
