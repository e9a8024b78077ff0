"""Incidents, hour by hour: only what changed is read, each log once where the incident has settled, and nothing is forgotten."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import timedelta

import pytest

from syncd.errors import Conflict, Misconfigured
from syncd.evidence.collecting import due
from syncd.evidence.collecting.catalogue import Wants
from syncd.evidence.facts.dataset import Name
from syncd.evidence.facts.incidents import Incident
from syncd.evidence.kept import facts_of, pages_of
from syncd.evidence.spans import Span
from tests.evidence.collecting.rig import SLUG, Rig, unguarded

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the others collect on both


@pytest.fixture
def hourly(rig: Rig) -> Rig:
    """The first collecting is over, from now on each log is asked for by itself, and the simulator's journal is empty."""
    rig.collect(Name.INCIDENTS)
    rig.wants = Wants(strategy="incident")
    rig.sim.journal.clear()
    return rig


def _again(rig: Rig, after: timedelta = HOUR) -> Counter[str]:
    """What an hour later is asked for."""
    rig.clock.forward(after)
    rig.sim.journal.clear()
    rig.collect(Name.INCIDENTS)
    return rig.asked_by_path()


def _is_as_there(rig: Rig) -> None:
    there = {
        one.id: (one.status, len(one.log)) for one in rig.sim.account.incidents.values() if one.merged_into is None
    }
    facts = rig.facts()
    found = {one.id: (one.status, len(one.log or ())) for one in facts.incidents.rows if not one.is_merged}
    assert found == there
    assert {one.id for one in facts.open_incidents.rows} == {
        one.id for one in rig.sim.account.incidents.values() if one.is_open
    }


def _one(rig: Rig, incident: str) -> Incident:
    found = rig.facts().incidents.find(incident)
    assert found is not None
    return found


def _settled(rig: Rig) -> str:
    """One that has been over for more than a day."""
    _again(rig, timedelta(hours=30))
    return next(one.id for one in rig.sim.account.incidents.values() if not one.is_open and one.merged_into is None)


def test_when_nothing_happened_no_log_is_asked_for(hourly: Rig) -> None:
    asked = _again(hourly)
    assert [path for path in asked if path.endswith("log_entries")] == []
    assert asked["/incidents"] == 1 + 9  # Those that are open, and those of the last day, which may still be changed.
    _is_as_there(hourly)


def test_once_all_have_settled_only_what_is_new_is_listed(hourly: Rig) -> None:
    _again(hourly, timedelta(hours=30))
    asked = _again(hourly)
    assert asked == {"/incidents": 2}
    _is_as_there(hourly)


def test_what_happens_is_read_and_nothing_else(hourly: Rig) -> None:
    _settled(hourly)
    hourly.clock.forward(60)
    opened = hourly.sim.people.open("Checkout is slow")
    still = next(one for one in hourly.sim.account.incidents.values() if one.is_open and one is not opened)
    hourly.sim.people.note(still.id, "we are looking", "Ana Lima")
    asked = _again(hourly)
    logs = {f"/incidents/{one.id}/log_entries": 1 for one in (opened, still)}
    assert asked == {"/incidents": 2, **logs}
    _is_as_there(hourly)


def test_one_that_was_open_and_is_no_more_is_found(hourly: Rig) -> None:
    _settled(hourly)
    old = min((one for one in hourly.sim.account.incidents.values() if one.is_open), key=lambda one: one.created_at)
    hourly.sim.people.resolve(old.id, "Ana Lima")
    asked = _again(hourly)
    assert asked[f"/incidents/{old.id}/log_entries"] == 1
    assert asked[f"/incidents/{old.id}"] == 1  # Less than to list all that began since.
    _is_as_there(hourly)


def test_a_settled_one_that_is_reopened_is_read_again(hourly: Rig) -> None:
    one = _settled(hourly)
    hourly.clock.forward(60)
    hourly.sim.people.reopen(one, "Ana Lima")
    asked = _again(hourly)
    assert asked[f"/incidents/{one}/log_entries"] == 1
    assert _one(hourly, one).status == "triggered"
    hourly.sim.people.resolve(one, "Ana Lima")
    _again(hourly)
    assert _one(hourly, one).is_resolved
    _is_as_there(hourly)


def test_a_resolution_note_that_comes_later_is_read(hourly: Rig) -> None:
    now = hourly.now
    one = next(
        each
        for each in hourly.sim.account.incidents.values()
        if not each.is_open and not each.merged_into and each.created_at > now - timedelta(hours=10)
    )
    before = _one(hourly, one.id)
    hourly.clock.forward(60)
    hourly.sim.people.note(one.id, "Resolution Note: the disk was full", "Ana Lima")
    _again(hourly)
    assert sum(entry.has_note for entry in _one(hourly, one.id).log or ()) == 1 + sum(
        entry.has_note for entry in before.log or ()
    )


def test_what_was_known_before_stays_known_as_it_was(hourly: Rig) -> None:
    """Whoever asks for an earlier time is told what was known then."""
    then = hourly.now
    before = hourly.facts().incidents.rows
    old = next(one for one in hourly.sim.account.incidents.values() if one.is_open)
    hourly.clock.forward(60)
    hourly.sim.people.resolve(old.id, "Ana Lima")
    _again(hourly)
    assert _one(hourly, old.id).is_resolved
    with hourly.db.read() as tx:
        facts = facts_of(tx, SLUG, Span(then - timedelta(days=60), then + timedelta(seconds=1)), then)
    assert facts.incidents.rows == before


def test_while_it_is_read_an_incident_goes_on(rig: Rig) -> None:
    """Its log is newer than the list that it stood in: then the log tells how it stands."""
    rig.wants = Wants(strategy="incident")
    some = iter([one for one in rig.sim.account.incidents.values() if one.is_open][:2])

    def resolve(request: object) -> None:
        if str(getattr(request, "url", "")).endswith("log_entries?limit=100&offset=0&total=true"):
            for one in some:
                rig.clock.forward(1)
                rig.sim.people.resolve(one.id, "Ana Lima")

    rig.before = resolve
    rig.collect(Name.INCIDENTS)
    rows = {one.id: one for one in rig.facts().incidents.rows}
    assert all(
        (rows[one.id].status, len(rows[one.id].log or ())) == (one.status, len(one.log))
        for one in rig.sim.account.incidents.values()
        if not one.merged_into
    )


def test_both_strategies_find_the_same(rig: Rig) -> None:
    found = []
    for strategy in ("incident", "account", "auto"):
        rig.wants = Wants(strategy=strategy)
        with unguarded(rig.db) as tx:
            for table in ("incidents", "pages", "collections"):
                tx.exec_driver_sql(f"DELETE FROM evidence_{table}")  # noqa: S608  names of ours
        rig.collect(Name.INCIDENTS)
        found.append(rig.facts().incidents)
        rig.clock.forward(-(rig.now - found[0].collected_at))  # type: ignore[operator]  # it was collected
    assert found[0] == found[1] == found[2]


def test_of_few_incidents_auto_asks_for_each_log(hourly: Rig) -> None:
    _settled(hourly)
    hourly.wants = Wants(strategy="auto")
    hourly.clock.forward(60)
    opened = [hourly.sim.people.open(f"Incident {number}").id for number in range(2)]
    asked = _again(hourly)
    assert asked == {"/incidents": 2, **{f"/incidents/{one}/log_entries": 1 for one in opened}}
    opened = [hourly.sim.people.open(f"Incident {number}").id for number in range(5)]
    asked = _again(hourly)
    assert asked == {"/incidents": 2, "/log_entries": 1}
    assert hourly.last(Name.INCIDENTS).settings["logs"] == "account"
    _is_as_there(hourly)


def test_more_of_the_past_is_collected_when_somebody_asks_for_it(rig: Rig) -> None:
    rig.wants = Wants(first=timedelta(hours=2))
    rig.collect(Name.INCIDENTS)
    first = rig.facts().incidents
    assert len(first.rows) < 200
    assert first.unread([Span(rig.now - timedelta(days=1), rig.now)]) != ()
    since = rig.now - timedelta(days=200)
    rig.collect(Name.INCIDENTS, since=since)
    assert rig.facts().incidents.unread([Span(rig.now - timedelta(days=20), rig.now)]) == ()
    _is_as_there(rig)
    assert rig.last(Name.INCIDENTS).since == since


def test_what_is_under_way_is_given_no_other_beginning(rig: Rig) -> None:
    rig.is_ending = True
    due.ask(rig.db, SLUG, [Name.INCIDENTS], since=rig.now - HOUR, by="ana")
    due.ask(rig.db, SLUG, [Name.INCIDENTS], since=rig.now - 2 * HOUR, by="ana")
    (waits,) = rig.under_way()
    assert waits.since == rig.now - 2 * HOUR
    with unguarded(rig.db) as tx:
        tx.exec_driver_sql("UPDATE evidence_collections SET begun_at = asked_at")
    with pytest.raises(Conflict, match="from a later moment on; ask again"):
        due.ask(rig.db, SLUG, [Name.INCIDENTS], since=rig.now - 3 * HOUR, by="ana")


def test_only_what_has_a_past_can_be_asked_for_it(rig: Rig) -> None:
    with pytest.raises(Misconfigured, match="of the rest the past is not known"):
        due.ask(rig.db, SLUG, [Name.USERS], since=rig.now - HOUR, by="ana")
    with pytest.raises(Misconfigured, match="still to come"):
        due.ask(rig.db, SLUG, [Name.INCIDENTS], since=rig.now + HOUR, by="ana")


def test_the_answers_are_there_that_facts_were_read_from(hourly: Rig) -> None:
    _again(hourly)
    with hourly.db.read() as tx:
        pages = list(pages_of(tx, SLUG, Span(hourly.now - 2 * HOUR, hourly.now), hourly.now))
    assert {one.dataset for one in pages} == {Name.INCIDENTS}
    assert all(one.request.startswith("GET /") and one.status == 200 and one.request_id for one in pages)
    assert len(pages) > 70
    assert all(one.sha256 == hashlib.sha256(one.body).hexdigest() for one in pages)
