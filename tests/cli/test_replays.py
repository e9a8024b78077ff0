"""`syncd deliveries replay` and `park`: shown first, done when somebody says so, here and on a daemon elsewhere."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from syncd.core.changes import Side, Verb
from syncd.core.errand import Draft, ErrandKind
from syncd.core.lifecycle import ErrandState
from syncd.core.reasons import Outcome, Reason
from syncd.store import deliveries, errands, integrations
from syncd.store.database import Database
from syncd.store.deliveries import Delivery
from syncd.store.errands import Finished, NewErrand

from .conftest import Syncd

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def refused(store: Database, link: int) -> int:
    """The delivery of a note to the case that was refused for good."""
    with store.write() as tx:
        for slug, system, side in (("cases", "cases", Side.CASE), ("acme", "cases", Side.INCIDENT)):
            integrations.add(tx, slug=slug, system=system, side=side, base_url="", settings={}, sealed=None, now=NOON)
        draft = Draft(Side.CASE, ErrandKind.NOTE, Verb.NOTE, "Looking into it")
        number = errands.add(tx, NewErrand(link, draft, 1, NOON)).id
        errands.finish(tx, [Finished(number, ErrandState.DEAD)])
        row = Delivery(
            recorded_at=NOON,
            direction="inbound",
            change="comment",
            outcome=Outcome.FAILED,
            reason=Reason.REFUSED,
            errand_id=number,
            link_id=link,
            case_id="CS-1",
        )
        deliveries.record_many(tx, [row])
        return int(deliveries.find(tx, {})[0]["id"])


def _waiting(store: Database) -> int:
    with store.read() as tx:
        return errands.counts(tx).get(ErrandState.WAITING, 0)


def test_what_would_be_sent_is_shown_first(syncd: Syncd, store: Database, refused: int) -> None:
    shown = syncd("deliveries", "replay", str(refused), "--by", "Ben")
    assert shown.json == [{"delivery": refused, "is_going": True, "says": "Note 'Looking into it' goes to case CS-1."}]
    assert shown.err == "Nothing was sent. Add --yes to send it.\n"
    assert _waiting(store) == 0


@pytest.mark.parametrize("words", [["1"], ["--query", "outcome:failed case:CS-1"], ["--query", "reason:refused"]])
def test_it_is_sent_once_when_somebody_says_so(syncd: Syncd, store: Database, refused: int, words: list[str]) -> None:
    assert refused == 1
    assert syncd("deliveries", "replay", *words, "--yes").json[0]["is_going"]
    again = syncd("deliveries", "replay", *words, "--yes")
    assert again.json == [{"delivery": refused, "is_going": False, "says": "It was replayed before."}]
    assert _waiting(store) == 1


def test_nothing_to_send_is_said_without_a_question(syncd: Syncd, refused: int) -> None:
    syncd("deliveries", "replay", str(refused), "--yes")
    assert syncd("deliveries", "replay", str(refused)).err == "Nothing was sent.\n"


def test_a_change_is_put_aside_with_a_reason(syncd: Syncd, refused: int) -> None:
    parked = syncd("deliveries", "park", str(refused), "--why", "told by phone", "--by", "Ben")
    assert parked.json == {"parked": 1}
    (row,) = syncd("deliveries", "list", "--outcome", "parked").json
    assert (row["reason"], row["detail"]) == ("parked", "Parked by Ben: told by phone")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Name deliveries by their ids, or choose them by --query, like --query 'outcome:failed'."),
        (["1", "--query", "outcome:failed"], "Name deliveries by their ids, or choose"),
        (["--query", " "], "--query is empty; give it a term, like outcome:failed."),
        (
            ["--query", "reason:because"],
            "At character 8: reason is never 'because', did you mean paused; it is changed,",
        ),
        (["--query", "color:red"], "At character 1: 'color' is no field, did you mean actor; the fields are id,"),
        (["--query", "link:1 link:x"], "At character 13: 'x' is nothing that link can be"),
    ],
)
def test_a_choice_that_is_none_is_refused(syncd: Syncd, refused: int, words: list[str], said: str) -> None:
    assert refused
    ended = syncd("deliveries", "replay", *words)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_a_choice_that_nothing_matches(syncd: Syncd, refused: int) -> None:
    assert refused
    ended = syncd("deliveries", "replay", "--query", "case:CS-9")
    assert (ended.code, ended.err) == (4, "syncd: No delivery matches case:CS-9; see `syncd deliveries list`.\n")


@pytest.mark.parametrize("act", [["replay"], ["park", "--why", "no use"]])
def test_elsewhere_it_is_asked_for_there(syncd: Syncd, elsewhere: str, act: list[str]) -> None:
    ended = syncd("deliveries", *act, "7", "--server", elsewhere)
    assert (ended.code, ended.err) == (4, "syncd: There is no delivery 7; see `syncd deliveries list`.\n")


def test_a_table_for_people(syncd: Syncd, refused: int) -> None:
    out = syncd("deliveries", "replay", str(refused), "-o", "table").out
    assert out.splitlines()[0].split() == ["DELIVERY", "IS_GOING", "SAYS"]
    assert json.loads(syncd("deliveries", "replay", str(refused), "-o", "ndjson").out)["delivery"] == refused
