"""Saved views: one's own and everybody's, checked when they are saved, and said when a release no longer understands them."""

from __future__ import annotations

import pytest

from syncd.core.query.fault import QueryError
from syncd.errors import Misconfigured, NotFound
from syncd.flow import views
from syncd.store import saved_views
from syncd.store.database import Database
from syncd.store.saved_views import SavedView


def _seen(db: Database, person: str) -> list[tuple[str, str, bool]]:
    return [(one.saved.name, one.saved.query, one.is_everybodys) for one in views.of(db, person)]


def test_ones_own_come_first_and_nobody_elses_are_seen(db: Database) -> None:
    views.save(db, "Ana", "refused", 'reason=refused  "not found"', for_everybody=False)
    views.save(db, "Ben", "late", "latency>2s", for_everybody=True)
    assert _seen(db, "Ana") == [("refused", 'reason:refused "not found"', False), ("late", "latency>2s", True)]
    assert _seen(db, "Ben") == [("late", "latency>2s", True)]


def test_saved_again_it_takes_the_place_of_the_one_before_of_the_same_owner(db: Database) -> None:
    assert views.save(db, "Ana", "mine", "outcome:failed", for_everybody=False)[1] is False
    assert views.save(db, "Ana", "mine", "outcome:held", for_everybody=False)[1] is True
    assert views.save(db, "Ana", "mine", "outcome:parked", for_everybody=True)[1] is False
    assert _seen(db, "Ana") == [("mine", "outcome:held", False), ("mine", "outcome:parked", True)]
    told = [(one.saved.name, one.saved.query, one.problem) for one in views.of(db, "Ana")]
    assert views.chosen(told, "mine") == "outcome:held"


def test_a_name_is_one_that_can_be_typed_and_a_query_one_that_can_be_read(db: Database) -> None:
    for name in ("", "Mine", "a/b", "-x", "x" * 64, "a b"):
        with pytest.raises(Misconfigured, match="cannot be a name"):
            views.save(db, "Ana", name, "outcome:failed", for_everybody=False)
    with pytest.raises(QueryError, match="At character 1: 'outcom' is no field"):
        views.save(db, "Ana", "mine", "outcom:failed", for_everybody=False)
    with pytest.raises(Misconfigured, match="The query is empty"):
        views.save(db, "Ana", "mine", "  ", for_everybody=False)
    assert _seen(db, "Ana") == []


def test_there_are_only_so_many(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST", 2)
    for name in ("a", "b", "a"):
        views.save(db, "Ana", name, "outcome:failed", for_everybody=False)
    with pytest.raises(Misconfigured, match="There are 2 saved views already"):
        views.save(db, "Ana", "c", "outcome:failed", for_everybody=False)
    views.save(db, "Ben", "c", "outcome:failed", for_everybody=False)
    assert [name for name, _, _ in _seen(db, "Ana")] == ["a", "b"]


def test_it_is_removed_from_where_it_was_saved(db: Database) -> None:
    views.save(db, "Ana", "mine", "outcome:failed", for_everybody=False)
    for everybody in (False, True):
        with pytest.raises(NotFound, match="There is no saved view mine"):
            views.remove(db, "Ben", "mine", of_everybody=everybody)
    with pytest.raises(NotFound, match="is Ana's own and not everybody's; `syncd views remove mine` removes it"):
        views.remove(db, "Ana", "mine", of_everybody=True)
    views.save(db, "Ana", "ours", "outcome:failed", for_everybody=True)
    with pytest.raises(NotFound, match="is everybody's and not Ana's own; `syncd views remove ours --everybody`"):
        views.remove(db, "Ana", "ours", of_everybody=False)
    views.remove(db, "Ana", "ours", of_everybody=True)
    views.remove(db, "Ana", "mine", of_everybody=False)
    assert _seen(db, "Ana") == []


def test_one_that_this_release_does_not_understand_says_so(db: Database) -> None:
    with db.write() as tx:
        saved_views.put(tx, SavedView("Ana", "old", "colour:red", "Ana", db.now(tx)))
    (one,) = views.of(db, "Ana")
    assert one.problem.startswith("At character 1: 'colour' is no field")
    with pytest.raises(
        Misconfigured, match=r"does not understand the saved view old, so save it anew\. At character 1"
    ):
        views.chosen([("old", one.saved.query, one.problem)], "old")
