"""The traffic run at its shortest, with everything that is real in the long one."""
from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.loopback import only_linux
from traffic.__main__ import main

pytestmark = only_linux


def test_a_group_under_traffic_loses_requests_only_with_a_server_that_is_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "made" / "traffic.svg"
    status = main(["--nodes", "4", "--minimum", "3", "--batch", "4", "--speed", "5", "--short",
                   "--rate", "30", "--picture", str(picture)])
    shown = capsys.readouterr()
    assert (status, shown.err) == (0, ""), shown.out
    for phase in ("doubles", "renewed", "halves"):
        assert f"{phase}: not one request failed" in shown.out
    assert int(re.findall(r"loses a server: (\d+) requests failed", shown.out)[0]) > 0
    assert picture.read_text().startswith("<svg")
