"""Evidence is of an account, and not of what it is called: the same one goes on with it, another one never does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from syncd.evidence.answering import Question, accepted
from syncd.evidence.bundle.chain import of_database
from syncd.evidence.bundle.making import Maker
from syncd.evidence.facts.dataset import Name
from syncd.evidence.judged import judged
from syncd.evidence.known import Kept
from syncd.evidence.rules.values import Rules
from syncd.evidence.spans import Span
from syncd.store.evidence import acceptances, leaving, results, snapshots
from syncd.store.evidence.acceptances import Wanted
from tests.evidence.collecting.conftest import clock, rig, sim
from tests.evidence.collecting.rig import SLUG, Rig

__all__ = ["clock", "rig", "sim"]
HOST = "acme.pagerduty.com"


@pytest.fixture
def answered(rig: Rig) -> Rig:
    """Collected, judged, accepted (and one taken back), and answered twice."""
    rig.collect(Name.SERVICES)
    judged(rig.db, Kept(), Rules(), SLUG, rig.now)
    with rig.db.write() as tx:
        wanted = Wanted("SVC-05", "Ana", rig.now + timedelta(days=9), "old")
        acceptances.add(tx, SLUG, wanted, rig.now)
        acceptances.withdraw(tx, acceptances.add(tx, SLUG, wanted, rig.now).id, "Ben", rig.now)
    _answer(rig)
    _answer(rig)
    return rig


def _answer(rig: Rig) -> int:
    question = Question(SLUG, "acme", Span(rig.now - timedelta(days=1), rig.now), Rules(), "ana", rig.now)
    return Maker(rig.db, rig.connections.vault, Kept()).make(question, None).number


def _there(rig: Rig, name: str) -> tuple[int, int, int, bool]:
    with rig.db.read() as tx:
        seen = bool(results.first_seen(tx, name)) and bool(results.latest(tx, name))
        return (
            len(accepted(tx, name, rig.now)),
            len(acceptances.all_of(tx, name)),
            len(snapshots.listing(tx, name)),
            seen,
        )


def _left(rig: Rig) -> str:
    with rig.db.write() as tx:
        return leaving.leave_behind(tx, SLUG, HOST)


def test_nothing_of_an_account_that_was_removed_is_told_of_another_one_of_its_name(answered: Rig) -> None:
    name = _left(answered)
    assert (_there(answered, SLUG), _there(answered, name)) == ((0, 0, 0, False), (1, 2, 2, True))
    for host in ("other.pagerduty.com", ""):
        with answered.db.write() as tx:
            assert not leaving.take_back(tx, SLUG, host)
    assert _answer(answered) == 1, "its chain begins anew"
    assert of_database(answered.db)[1] == []
    with answered.db.write() as tx:
        assert not leaving.take_back(tx, SLUG, HOST), "by now there is evidence of somebody else"


def test_the_same_account_goes_on_under_its_name(answered: Rig) -> None:
    name = _left(answered)
    with answered.db.write() as tx:
        assert not leaving.take_back(tx, "other", HOST)
        assert leaving.take_back(tx, SLUG, HOST)
    assert (_there(answered, SLUG), _there(answered, name)) == ((1, 2, 2, True), (0, 0, 0, False))
    assert answered.facts().services.is_whole
    assert _answer(answered) == 3
    assert of_database(answered.db)[1] == []
    assert _left(answered).startswith("acme/")


def test_only_the_name_may_be_changed(answered: Rig) -> None:
    for table in ("snapshots", "acceptances"):
        for change in (
            ("asked_by = 'Eve'", "sha256 = ''") if table == "snapshots" else ("why = ''", "withdrawn_by = 'Eve'")
        ):
            with pytest.raises(DBAPIError, match="is never changed"), answered.db.write() as tx:
                tx.exec_driver_sql(f"UPDATE evidence_{table} SET {change}")  # noqa: S608  names of ours
