"""What comes with an Idempotency-Key is done once, whoever dies in between; what was refused may be asked again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from syncd.clock import StoppedClock
from syncd.errors import Misconfigured
from syncd.flow import once
from syncd.flow.once import KEPT, LASTS, Answered, Token, UnderWay, Unrepeatable
from syncd.flow.retention.pruning import LATER, Policy, prune
from syncd.store import asked_once
from syncd.store.database import Database
from tests.store.ledger import NOON

TOKEN = Token.of("ci", "key-1", "POST /v1/x", b'{"by": "Ana"}')
DONE = Answered(200, b'{"says": "done"}')


@pytest.fixture
def store(database_url: str) -> Iterator[Database]:
    made = Database(database_url, StoppedClock(NOON), is_alone=True)
    yield made
    made.close()


def _clock(db: Database) -> StoppedClock:
    assert isinstance(db.clock, StoppedClock)
    return db.clock


def test_the_same_request_gets_the_same_answer_and_is_done_once(store: Database) -> None:
    assert once.begin(store, TOKEN) is None
    once.end(store, TOKEN, DONE)
    assert once.begin(store, TOKEN) == DONE


def test_another_body_with_the_same_key_is_refused_and_another_callers_key_is_another(store: Database) -> None:
    once.begin(store, TOKEN)
    once.end(store, TOKEN, DONE)
    with pytest.raises(Misconfigured, match="another request"):
        once.begin(store, Token.of("ci", "key-1", "POST /v1/x", b'{"by": "Ben"}'))
    with pytest.raises(Misconfigured, match="another request"):
        once.begin(store, Token.of("ci", "key-1", "POST /v1/y", b'{"by": "Ana"}'))
    assert once.begin(store, Token.of("another", "key-1", "POST /v1/x", b"{}")) is None


def test_what_is_under_way_is_not_done_beside_and_what_was_cut_off_is_never_done_again(store: Database) -> None:
    once.begin(store, TOKEN)
    with pytest.raises(UnderWay) as told:
        once.begin(store, TOKEN)
    assert told.value.retry_after == 1.0
    _clock(store).forward(LASTS + timedelta(seconds=1))
    with pytest.raises(Unrepeatable, match="may have been done"):
        once.begin(store, TOKEN)


@pytest.mark.parametrize("status", [400, 404, 409, 422, 503])
def test_what_was_refused_has_changed_nothing_and_may_be_asked_again(store: Database, status: int) -> None:
    once.begin(store, TOKEN)
    once.end(store, TOKEN, Answered(status, b"{}"))
    assert once.begin(store, TOKEN) is None


@pytest.mark.parametrize("status", [500, 502, 504, 507])
def test_what_may_have_been_done_in_part_is_not_done_again(store: Database, status: int) -> None:
    once.begin(store, TOKEN)
    once.end(store, TOKEN, Answered(status, b"{}"))
    assert once.begin(store, TOKEN) == Answered(status, b"{}")


def test_an_answer_with_a_secret_is_not_kept(store: Database) -> None:
    once.begin(store, TOKEN)
    once.end(store, TOKEN, Answered(201, b'{"token": "syncd_pat_1"}'), has_secret=True)
    with pytest.raises(Unrepeatable, match="a secret, which is not kept"):
        once.begin(store, TOKEN)
    with store.read() as tx:
        there = asked_once.get(tx, TOKEN.key)
    assert there is not None
    assert there.answer is None


def test_neither_the_key_nor_the_request_is_kept() -> None:
    assert "key-1" not in TOKEN.key
    assert TOKEN.request != Token.of("ci", "key-2", "POST /v1/x", b'{"by": "Ana"}').request


def test_a_day_later_it_is_forgotten(store: Database) -> None:
    once.begin(store, TOKEN)
    once.end(store, TOKEN, DONE)
    _clock(store).forward(KEPT + timedelta(seconds=1))
    assert once.begin(store, TOKEN) is None


def test_pruning_takes_what_is_forgotten_and_leaves_the_rest(store: Database) -> None:
    other = Token.of("ci", "key-2", "POST /v1/x", b"")
    once.begin(store, TOKEN)
    _clock(store).forward(KEPT)
    once.begin(store, other)
    _clock(store).forward(LATER)
    prune(store, Policy({}), lambda _: False)
    with store.read() as tx:
        assert (asked_once.get(tx, TOKEN.key), asked_once.get(tx, other.key) is not None) == (None, True)


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_has_a_length(key: str) -> None:
    with pytest.raises(Misconfigured, match="1 to 255"):
        Token.of("ci", key, "POST /v1/x", b"")
