"""A collecting that is left behind in the middle: whoever goes on comes to the same, and asks nothing twice but what was in flight."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import httpx
import pytest

from syncd.evidence.collecting import collector, due
from syncd.evidence.facts.account import FIELDS
from syncd.evidence.facts.dataset import Name
from syncd.store.evidence import collections, pages
from tests.evidence.collecting.rig import SLUG, Killed, Rig, unguarded

_ALIKE = {
    Name.USERS: (Name.USERS,),
    Name.TEAMS: (Name.TEAMS,),
    Name.SCHEDULES: (Name.SCHEDULES, Name.COVERAGE),
    Name.ONCALLS: (Name.ONCALLS,),
    Name.AUDIT: (Name.AUDIT,),
    Name.INCIDENTS: (Name.INCIDENTS, Name.OPEN_INCIDENTS),
}
_PLACES = [
    (Name.USERS, 2),
    (Name.TEAMS, 1),
    (Name.SCHEDULES, 2),
    (Name.SCHEDULES, 40),
    (Name.ONCALLS, 9),
    (Name.AUDIT, 4),
    (Name.INCIDENTS, 1),
    (Name.INCIDENTS, 2),
    (Name.INCIDENTS, 12),
    (Name.INCIDENTS, 13),
    (Name.INCIDENTS, 66),
]


@pytest.mark.parametrize("is_answered", [False, True], ids=["before", "in flight"])
@pytest.mark.parametrize(("name", "number"), _PLACES, ids=str)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_it_goes_on_where_it_stopped(rig: Rig, name: Name, number: int, is_answered: bool) -> None:
    due.ask(rig.db, SLUG, [name], since=None, by="ana")
    rig.kill_at(number, is_answered=is_answered)
    with pytest.raises(Killed):
        collector.work(rig.worker)
    assert not collector.work(rig.worker)  # It is his who was killed, as far as anybody knows.
    rig.revive()
    rig.finish()
    asked, killed = Counter(rig.asked()), rig.last(name)
    assert asked.total() - len(asked) == int(is_answered)
    assert killed.pages == len(asked)
    _is_as_if_never_killed(rig, name)


def _is_as_if_never_killed(rig: Rig, name: Name) -> None:
    """Nothing has happened there meanwhile, so that collecting it once more comes to the same."""
    first = rig.facts()
    rig.clock.forward(-(rig.now - first.of(name).collected_at))  # type: ignore[operator]  # it was collected
    with unguarded(rig.db) as tx:
        for table in ("incidents", "pages", "collections"):
            tx.exec_driver_sql(f"DELETE FROM evidence_{table}")  # noqa: S608  names of ours
    rig.sim.journal.clear()
    rig.collect(name)
    second = rig.facts()
    for one in _ALIKE[name]:
        assert first.of(one) == second.of(one), FIELDS[one]


def test_a_worker_whose_lease_has_run_out_writes_nothing_more(rig: Rig) -> None:
    """It was only slow: by the time its answer comes somebody else has the collecting, and has come to its end."""
    due.ask(rig.db, SLUG, [Name.USERS], since=None, by="ana")
    is_slow = [True]

    def other(_: object) -> None:
        if is_slow.pop() if is_slow else False:
            rig.clock.forward(collections.LEASE + timedelta(seconds=1))
            assert collector.work(rig.worker)

    rig.after = other
    collector.work(rig.worker)
    last = rig.last(Name.USERS)
    with rig.db.read() as tx:
        kept = list(pages.of_collection(tx, last.id))
    assert (last.state, last.pages, last.records) == ("done", 2, 190)
    assert len({one.request for one in kept}) == len(kept) == 2


def test_two_workers_never_collect_the_same_dataset_at_once(rig: Rig) -> None:
    """While the first waits for an answer the second takes another one."""
    due.ask(rig.db, SLUG, [Name.USERS, Name.SERVICES], since=None, by="ana")
    others: list[str] = []

    def second(_: object) -> None:
        if not others:
            others.append("")
            collector.work(rig.worker)
            others.extend(one.partition("?")[0] for one in rig.asked()[1:])

    rig.after = second
    collector.work(rig.worker)
    assert set(others[1:]) == {"/users"}
    assert rig.asked_by_path() == {"/services": 2, "/users": 2}
    assert rig.under_way() == []


def test_answers_of_another_release_are_left_and_asked_for_anew(rig: Rig) -> None:
    due.ask(rig.db, SLUG, [Name.USERS], since=None, by="ana")
    rig.kill_at(2, is_answered=False)
    with pytest.raises(Killed):
        collector.work(rig.worker)
    with unguarded(rig.db) as tx:
        tx.exec_driver_sql("UPDATE evidence_pages SET request = 'GET /users?limit=25'")
    rig.revive()
    rig.finish()
    assert rig.facts().users.is_whole
    assert len(rig.facts().users.rows) == 190


def test_a_process_that_is_to_end_leaves_it_at_once(rig: Rig) -> None:
    rig.is_ending = True
    rig.work_off()
    assert rig.asked() == []
    assert len(rig.under_way()) == 11


def test_a_process_that_is_told_to_end_stops_between_two_answers(rig: Rig) -> None:
    due.ask(rig.db, SLUG, [Name.SCHEDULES], since=None, by="ana")

    def end(_: object) -> None:
        rig.is_ending = len(rig.asked()) == 7

    rig.after = end
    collector.work(rig.worker)
    (waits,) = rig.under_way()
    assert (waits.state, waits.pages, waits.next_at) == ("waiting", 7, rig.now)
    rig.is_ending = False
    rig.finish()
    assert len(rig.asked()) == len(set(rig.asked())) == rig.last(Name.SCHEDULES).requests == 79


def test_a_fault_of_ours_is_said_and_holds_back_nothing_else(rig: Rig) -> None:
    due.ask(rig.db, SLUG, [Name.SERVICES, Name.USERS], since=None, by="ana")

    def fail(request: httpx.Request) -> None:
        if request.url.path == "/services":
            message = "ours"
            raise ZeroDivisionError(message)

    rig.before = fail
    rig.work_off()
    (waits,) = rig.under_way()
    assert (waits.dataset, waits.state) == (Name.SERVICES, "waiting")
    assert waits.detail.startswith("A fault of ours has stopped it (ZeroDivisionError")
    assert rig.facts().users.is_whole
    rig.before = lambda _: None
    rig.finish()
    assert rig.facts().services.is_whole
