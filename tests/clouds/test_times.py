from __future__ import annotations

import pytest

from autoscale.clouds.rackspace.times import epoch, seconds_to_wait

DATE = "Tue, 14 Nov 2023 22:13:20 GMT"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2023-11-14T22:13:20Z", 1_700_000_000),
        ("2023-11-14T22:13:20", 1_700_000_000),
        ("2023-11-14T22:13:20.250000Z", 1_700_000_000.25),
        ("2023-11-14T16:13:20.5-06:00", 1_700_000_000.5),
        ("2023-11-14T23:43:20+0130", 1_700_000_000),
    ],
)
def test_every_way_to_write_a_time_is_read(text: str, seconds: float) -> None:
    assert epoch(text) == seconds


@pytest.mark.parametrize("text", ["", "yesterday", "2023-11-14", "2023-99-14T22:13:20Z"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        epoch(text)


@pytest.mark.parametrize(
    ("retry_after", "date", "seconds"),
    [
        ("7", None, 7),
        ("2.5", DATE, 2.5),
        ("Tue, 14 Nov 2023 22:13:25 GMT", DATE, 5),
        ("2023-11-14T22:13:25Z", DATE, 5),
        ("Tue, 14 Nov 2023 22:13:15 GMT", DATE, 0),
        ("Tue, 14 Nov 2023 22:13:25 GMT", None, None),
        ("later", DATE, None),
        ("", DATE, None),
        (None, DATE, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(
    retry_after: str | None, date: str | None, seconds: float | None
) -> None:
    assert seconds_to_wait(retry_after, date) == seconds
