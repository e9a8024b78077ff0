"""`syncd links repair`: asked for here or elsewhere, and how the last ones went."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.cli.span import moment_of
from syncd.core.changes import Side
from syncd.errors import Misconfigured
from syncd.store import integrations, reconciles
from syncd.store.database import Database

from .conftest import Syncd

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ADDED = (datetime.now(UTC) - timedelta(days=300)).replace(microsecond=0)


@pytest.fixture
def acme(store: Database) -> None:
    with store.write() as tx:
        integrations.add(
            tx, slug="acme", system="pagerduty", side=Side.INCIDENT, base_url="", settings={}, sealed=b"x", now=ADDED
        )


@pytest.mark.usefixtures("acme")
def test_a_repair_is_asked_for_and_shown(syncd: Syncd) -> None:
    since = ADDED + timedelta(days=9)
    (asked,) = syncd("links", "repair", "--since", since.isoformat(), "--by", "Ben").json
    assert (asked["integration"], asked["state"], asked["why"]) == ("acme", "waiting", "asked")
    assert (asked["since"], asked["asked_by"]) == (since.isoformat(timespec="microseconds"), "Ben")
    assert syncd("links", "repair").json == [asked]
    assert (asked["records"], asked["found"]) == (0, 0)


@pytest.mark.usefixtures("acme")
def test_what_is_found_are_differences_and_not_the_records_that_were_read(syncd: Syncd, store: Database) -> None:
    (asked,) = syncd("links", "repair", "--since", "1h").json
    with store.write() as tx:
        taken = reconciles.take(tx, store.now(tx))
        assert taken is not None
        reconciles.went_on(tx, taken, cursor="", requests=1, found=5, now=store.now(tx))
        reconciles.differed(tx, {asked["id"]: 2})
    (done,) = syncd("links", "repair").json
    assert (done["records"], done["found"]) == (5, 2)
    assert "RECORDS  FOUND" in syncd("links", "repair", "-o", "table").out


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--since", "yesterday"], 2, "'yesterday' is no moment; give one like 36h, 3d or 2026-11-21T12:00Z (UTC)."),
        (["--since", "2126-01-01"], 2, "2126-01-01 00:00 UTC is still to come; name a moment that has been."),
        (["--since", "99999d"], 2, "UTC is more than 730 days ago, and no look goes further back; name a later moment"),
        (["--since", "1h", "--integration", "other"], 4, "There is no integration called other;"),
    ],
)
def test_what_cannot_be_asked_for(syncd: Syncd, words: list[str], code: int, said: str) -> None:
    ended = syncd("links", "repair", *words)
    assert (ended.code, ended.out) == (code, "")
    assert said in ended.err


def test_elsewhere_there_is_nobody_to_ask(syncd: Syncd, elsewhere: str) -> None:
    assert syncd("links", "repair", "--since", "1h", "--server", elsewhere).json == []
    assert syncd("links", "repair", "--server", elsewhere).json == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("90m", NOON - timedelta(minutes=90)),
        (" 36h ", NOON - timedelta(hours=36)),
        ("3d", NOON - timedelta(days=3)),
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC)),
        ("2026-11-20T10:00+02:00", datetime(2026, 11, 20, 8, tzinfo=UTC)),
    ],
)
def test_a_moment_as_people_type_it(typed: str, meant: datetime) -> None:
    assert moment_of(typed, NOON) == meant


@given(st.text())
def test_whatever_is_typed_is_a_moment_or_a_sentence(typed: str) -> None:
    try:
        moment = moment_of(typed, NOON)
    except Misconfigured:
        return
    assert moment.tzinfo is not None


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize("words", [("--deep",), ("--integration", "acme")])
def test_what_is_to_be_looked_for_needs_a_since(syncd: Syncd, words: tuple[str, ...]) -> None:
    ended = syncd("links", "repair", *words)
    assert (ended.code, ended.out) == (2, "")
    assert "Name since when changes may have been missed, such as `--since 1d`" in ended.err


@pytest.mark.usefixtures("acme")
def test_a_look_that_begins_when_its_account_was_added_says_so(syncd: Syncd) -> None:
    ended = syncd("links", "repair", "--since", "600d")
    assert [one["since"] for one in ended.json] == [ADDED.isoformat(timespec="microseconds")]
    assert ended.err.strip() == f"acme is looked over from {ADDED:%Y-%m-%d %H:%M} UTC on, when it was added."
