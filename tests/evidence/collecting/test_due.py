"""What is due when: each dataset by its interval, on a grid that a late worker does not move; and only of accounts that give evidence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.errors import Conflict, Misconfigured, NotFound
from syncd.evidence.collecting import collector, due
from syncd.evidence.collecting.catalogue import COURSES, Wants
from syncd.evidence.facts.dataset import EVERY, Lack, Name
from syncd.evidence.fresh import due_of, freshness_of
from syncd.evidence.freshness import Freshness, State
from syncd.evidence.spans import Span
from syncd.store import integrations, rests
from syncd.store.evidence import collections, leaving
from tests.evidence.collecting.rig import SLUG, Rig

HOUR = timedelta(hours=1)
_COLLECTED = [one for one in COURSES if one is not Name.ROSTER]


def _work_off(rig: Rig) -> set[str]:
    """Which datasets that has collected."""
    before = {name: _number(rig, name) for name in COURSES}
    rig.work_off()
    return {name for name in COURSES if _number(rig, name) != before[name]}


def _number(rig: Rig, name: Name) -> int:
    with rig.db.read() as tx:
        found = collections.latest(tx, SLUG, name, rig.now)
    return 0 if found is None else found.id


def _fresh(rig: Rig) -> dict[Name, Freshness]:
    with rig.db.read() as tx:
        return {one.dataset: one for one in freshness_of(tx, SLUG, rig.now)}


def test_all_are_due_at_once_and_then_each_by_its_interval(rig: Rig) -> None:
    start = rig.now
    assert _work_off(rig) == set(_COLLECTED)
    assert _work_off(rig) == set()
    rig.clock.forward(HOUR)
    assert _work_off(rig) == {Name.INCIDENTS}
    rig.clock.forward(5 * HOUR)
    assert _work_off(rig) == {name for name in _COLLECTED if EVERY[name] <= timedelta(hours=6)}
    assert rig.last(Name.SCHEDULES).due_at == start + 6 * HOUR


def test_who_comes_late_collects_once_and_moves_no_later_time(rig: Rig) -> None:
    start = rig.now
    rig.work_off()
    rig.clock.forward(3 * HOUR + timedelta(minutes=40))
    assert _work_off(rig) == {Name.INCIDENTS}
    assert rig.last(Name.INCIDENTS).due_at == start + 3 * HOUR
    rig.clock.forward(timedelta(minutes=20))
    assert _work_off(rig) == {Name.INCIDENTS}
    with rig.db.read() as tx:
        found = due_of(tx, SLUG, Span(start, rig.now + HOUR), rig.now)
    told = [((one.due_at - start) // HOUR, one.state) for one in found if one.dataset is Name.INCIDENTS]
    assert told == [(0, "done"), (1, "missing"), (2, "missing"), (3, "done"), (4, "done")]


def test_freshness_says_when_why_and_for_how_many_requests(rig: Rig) -> None:
    before = _fresh(rig)
    assert {one.state for name, one in before.items() if name is not Name.CASES} == {State.NEVER}
    assert Name.ROSTER not in before
    assert before[Name.USERS].next_at == rig.now
    rig.work_off()
    found = _fresh(rig)
    users = found[Name.USERS]
    assert (users.state, users.collected_at, users.requests, users.why) == (State.ON_TIME, rig.now, 2, "")
    assert users.next_at == rig.now + timedelta(hours=24)
    assert found[Name.COVERAGE].requests == found[Name.SCHEDULES].requests == 79
    rig.clock.forward(3 * HOUR)
    found = _fresh(rig)
    assert (found[Name.INCIDENTS].state, found[Name.OPEN_INCIDENTS].state) == (State.STALE, State.STALE)
    assert found[Name.USERS].state is State.ON_TIME
    assert found[Name.INCIDENTS].known_since == rig.now - 3 * HOUR


def test_a_list_of_people_is_collected_once_it_is_named(rig: Rig) -> None:
    rig.wants = Wants(roster="/nowhere/people.csv")
    rig.work_off()
    (missing,) = rig.facts().roster.missing
    assert (missing.why, missing.needs) == (
        Lack.NOT_GIVEN,
        "people.csv cannot be read: No such file or directory",
    )
    assert "people.csv" in _fresh(rig)[Name.ROSTER].why


def test_of_an_account_that_gives_no_evidence_nothing_is_asked(rig: Rig) -> None:
    with rig.db.write() as tx:
        integrations.configure(tx, SLUG, {})
    rig.work_off()
    assert rig.asked() == []
    assert "--evidence on" in _fresh(rig)[Name.USERS].why
    with pytest.raises(Conflict, match="Nothing is collected from acme"):
        due.ask(rig.db, SLUG, [], since=None, by="ana")


def test_one_that_is_paused_or_rests_is_left_alone(rig: Rig) -> None:
    with rig.db.write() as tx:
        integrations.pause(tx, SLUG, by="ana", why="we move", at=rig.now)
    rig.work_off()
    assert _fresh(rig)[Name.USERS].why == "Integration acme is paused by ana: we move"
    with rig.db.write() as tx:
        integrations.resume(tx, SLUG)
        rests.ask(tx, SLUG, rig.now + timedelta(minutes=5))
    rig.work_off()
    assert rig.asked() == []
    rig.clock.forward(timedelta(minutes=6))
    assert _work_off(rig) == set(_COLLECTED)


def test_a_disconnected_account_waits_and_one_that_may_only_read_does_not(rig: Rig) -> None:
    for code, is_read in (("PAG-100-B", False), ("SYN-PAG-READONLY", True)):
        with rig.db.write() as tx:
            integrations.disconnect(tx, SLUG, code=code, reason="refused", now=rig.now, probe_at=rig.now)
        rig.work_off()
        assert bool(rig.asked()) is is_read


@pytest.mark.parametrize(
    ("names", "message"),
    [([Name.CASES], "they are our own"), ([Name.ROSTER], "name a CSV file by the setting evidence_roster")],
)
def test_what_cannot_be_collected_says_why(rig: Rig, names: list[Name], message: str) -> None:
    with pytest.raises(Misconfigured, match=message):
        due.ask(rig.db, SLUG, names, since=None, by="ana")


def test_an_account_that_is_not_there_is_said(rig: Rig) -> None:
    with pytest.raises(NotFound, match="no integration called other"):
        due.ask(rig.db, "other", [], since=None, by="ana")


def test_what_was_collected_of_an_account_that_goes_stays_under_another_name(rig: Rig) -> None:
    """The next one of its name begins with nothing."""
    rig.collect(Name.USERS, Name.SERVICES)
    due.ask(rig.db, SLUG, [Name.TEAMS], since=None, by="ana")
    with rig.db.write() as tx:
        name = leaving.leave_behind(tx, SLUG)
    assert name == "acme/2"
    assert rig.facts().users.collected_at is None
    assert rig.facts().seen == {}
    with rig.db.read() as tx:
        assert collections.latest(tx, name, Name.USERS, rig.now) is not None
        assert collections.to_come(tx) == set()


def test_whoever_collects_of_an_account_that_goes_finds_that_it_is_his_no_more(rig: Rig) -> None:
    due.ask(rig.db, SLUG, [Name.USERS], since=None, by="ana")
    first = [True]

    def go(_: object) -> None:
        if not first.pop() if first else True:
            with rig.db.write() as tx:
                leaving.leave_behind(tx, SLUG)

    rig.after = go
    collector.work(rig.worker)
    with rig.db.read() as tx:
        left = collections.latest(tx, "acme/1", Name.USERS, rig.now)
    assert left is not None
    assert (left.pages, left.state) == (1, "done")
    assert [one["why"] for one in left.missing] == ["failed"]


def test_of_a_state_the_time_is_known_since_it_was_first_seen(rig: Rig) -> None:
    one = next(iter(rig.sim.account.services.values()))
    rig.collect(Name.SERVICES)
    first = rig.now
    rig.clock.forward(timedelta(days=1))
    rig.sim.account.services[one.id] = type(one)(
        **{name: getattr(one, name) for name in one.__dataclass_fields__ if name != "state"}, state="disabled"
    )
    rig.collect(Name.SERVICES)
    rig.clock.forward(timedelta(days=1))
    rig.collect(Name.SERVICES)
    seen = rig.facts().seen
    assert (seen[one.id].state, seen[one.id].since, seen[one.id].was_otherwise) == (
        "disabled",
        first + timedelta(days=1),
        True,
    )
    others = [sight for record, sight in seen.items() if record != one.id]
    assert {(sight.since, sight.was_otherwise) for sight in others} == {(first, False)}


def test_the_audit_trail_goes_on_where_it_ended_and_a_little_before(rig: Rig) -> None:
    """Their clock and ours may differ; what is read twice is one."""
    rig.collect(Name.AUDIT)
    first = rig.facts().audit
    assert first.is_whole
    rig.clock.forward(timedelta(days=1))
    rig.sim.journal.clear()
    rig.collect(Name.AUDIT)
    (asked,) = rig.asked()
    assert "since=2026-03-01T11%3A58%3A08Z&until=2026-03-02T12%3A00%3A08Z" in asked
    second = rig.facts().audit
    assert {one.id for one in first.rows} <= {one.id for one in second.rows}
    assert len(second.covers) == 1


def test_what_somebody_collects_when_it_is_due_is_not_read_again_by_whoever_works_on_schedule(rig: Rig) -> None:
    """Right after an account was added everything is due, and so is it once an interval has passed."""
    rig.collect(Name.SERVICES, Name.USERS)
    assert rig.last(Name.SERVICES).due_at == rig.last(Name.SERVICES).asked_at
    assert not _work_off(rig) & {Name.SERVICES, Name.USERS}
    rig.collect(Name.SERVICES)
    assert rig.last(Name.SERVICES).due_at is None, "nothing was due"
    rig.clock.forward(timedelta(hours=24))
    rig.collect(Name.SERVICES)
    assert _work_off(rig) == set(_COLLECTED) - {Name.SERVICES}
