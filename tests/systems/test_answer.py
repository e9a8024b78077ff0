"""How long a 429 asks to wait, and the words that are taken from an answer nobody explained."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from syncd.errors import RateLimited
from syncd.systems.answer import LONGEST_PAUSE_S, PAUSE_S, Answer, by_status, date_of, pause_of

DATE = "Sat, 21 Nov 2026 12:00:00 GMT"


def answer(status: int = 400, json: object = None, **headers: str) -> Answer:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer("Desk", "GET", "/x", status, given, json, "", is_write=False)


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({}, PAUSE_S),
        ({"ratelimit-reset": "12"}, 12),
        ({"ratelimit-reset": "0.5", "retry-after": "9"}, 0.5),
        ({"retry-after": "9"}, 9),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "nan"}, PAUSE_S),
        ({"retry-after": "inf"}, PAUSE_S),
        ({"retry-after": "1e300"}, LONGEST_PAUSE_S),
        ({"retry-after": "soon"}, PAUSE_S),
        ({"ratelimit-reset": "soon", "retry-after": "4"}, 4),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:30 GMT", "date": DATE}, 30),
        ({"retry-after": "Sat, 21 Nov 2026 11:59:30 GMT", "date": DATE}, 0),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:30 GMT"}, PAUSE_S),
        ({"retry-after": "Sat, 99 Nov 2026 12:00:30 GMT", "date": DATE}, PAUSE_S),
    ],
)
def test_the_pause_a_429_asks_for(headers: dict[str, str], pause: float) -> None:
    assert pause_of(headers) == pause


def test_a_pause_reaches_the_error() -> None:
    error = by_status(answer(429, retry_after="7"))
    assert isinstance(error, RateLimited)
    assert (error.retry_after, error.status) == (7, 429)


@pytest.mark.parametrize(
    ("value", "at"),
    [
        (DATE, datetime(2026, 11, 21, 12, tzinfo=UTC)),
        ("Sat, 21 Nov 2026 12:00:00 -0000", datetime(2026, 11, 21, 12, tzinfo=UTC)),
        ("Sat, 21 Nov 2026 14:00:00 +0200", datetime(2026, 11, 21, 12, tzinfo=UTC)),
        ("", None),
        ("yesterday", None),
    ],
)
def test_their_clock_is_read(value: str, at: datetime | None) -> None:
    assert date_of({"date": value}) == at


@pytest.mark.parametrize(
    "json", [{"message": "No."}, {"error": "No."}, {"error": {"message": "No."}}, {"detail": "No."}]
)
def test_the_reason_is_quoted_from_where_systems_put_it(json: object) -> None:
    assert str(by_status(answer(json=json))) == "Desk answered 400 to GET /x: No."


def test_what_a_far_side_puts_between_backticks_is_no_command_of_ours() -> None:
    error = by_status(answer(json={"message": "Type `syncd integrations remove pd` now"}))
    assert "`" not in str(error)
    assert "'syncd integrations remove pd'" in str(error)


def test_a_long_reason_is_cut_and_a_credential_in_it_masked() -> None:
    said = str(by_status(answer(json={"message": "Bearer abc.def is wrong " + "x" * 5000})))
    assert len(said) < 500
    assert "abc.def" not in said
