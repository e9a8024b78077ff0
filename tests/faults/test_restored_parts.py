"""What each part of the promise about restored backups means by itself; the row is in test_restored.py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.connections.joining.builtin import BUILTIN
from syncd.errors import Conflict
from syncd.flow.catchup import restoring
from syncd.flow.catchup.lost import lost as lost_of
from syncd.flow.orders import restraint
from syncd.flow.status.condition import condition
from syncd.store import deliveries, integrations
from syncd.store.cases import Cases, Hand, NewCase
from tests.faults.site import Site, act, site
from tests.faults.stage import PAGERDUTY

HOUR = 3600.0


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Site]:
    with site(tmp_path) as made:
        yield made


def _writes(at: Site) -> list[str]:
    asked = [*at.sim.journal.requests, *at.desk.journal.requests]
    return [f"{one.method} {one.target}" for one in asked if one.method in {"POST", "PUT"}]


def _forget_requests(at: Site) -> None:
    at.sim.journal.requests.clear()
    at.desk.journal.requests.clear()


def test_what_waited_in_the_backup_and_was_done_since_is_not_done_again(at: Site) -> None:
    old = at.open("Old")
    at.until_quiet()
    restraint.pause(at.db, PAGERDUTY, by="Ana", why="A backup is made.")
    new = at.open("New")
    at.desk.cases.comment(old, "Ana Lima", "said before")
    at.carry()
    at.work()
    at.back_up()
    restraint.resume(at.db, PAGERDUTY, by="Ana")
    at.until_quiet()
    incidents, opened = len(at.sim.account.incidents), at.incident_of(new)
    at.sim.people.note(opened, "said since", "Ben Osei")
    at.lose_hooks()
    done = at.restore()
    assert done.doubted == 2
    restraint.resume(at.db, PAGERDUTY, by="Ana")
    at.until_quiet()
    assert (len(at.sim.account.incidents), at.incident_of(new)) == (incidents, opened)
    assert len(at.notes(old)) == 1
    assert len(at.comments(new)) == 1, "what was said on it while it had no link is read"
    assert at.differences() == []


def _unheard(at: Site) -> str:
    """A case of the backup, with a comment of an hour later whose hook was lost."""
    key = at.open("Case")
    at.until_quiet()
    at.back_up()
    at.clock.forward(HOUR)
    at.desk.cases.comment(key, "Ana Lima", "unheard")
    at.lose_hooks()
    return key


def test_nothing_is_written_before_both_sides_were_read_and_status_says_so(at: Site) -> None:
    key = _unheard(at)
    at.restore()
    at.desk.cases.comment(key, "Ana Lima", "afterwards")
    _forget_requests(at)
    for _ in range(100):
        at.carry()
        at.work()
        at.clock.forward(1.0)
    assert _writes(at) == []
    found = condition(at.db).findings
    assert sum("A backup of 2026-03-01 12:00 UTC was restored" in one.what for one in found) == 2
    assert any(one.what.startswith("1 change is held until") for one in found)
    with at.db.read() as tx:
        (row,) = deliveries.find(tx, {"outcome": "held"})
    assert row["reason"] == "restored"
    at.until_quiet()
    assert at.differences() == []
    assert len(at.notes(key)) == 2
    assert not any("backup" in one.what for one in condition(at.db).findings)


def test_an_errand_that_gets_the_id_of_a_forgotten_one_is_not_taken_for_it(at: Site) -> None:
    """The desk keeps the marks of what was written to it, and would swallow another text under the same one."""
    at.desk.switches.idempotent = True
    key = at.open("Case")
    at.until_quiet()
    at.back_up()
    at.clock.forward(60)
    note = at.sim.people.note(at.incident_of(key), "taken back", "Ben Osei")
    at.until_quiet()
    assert len(at.comments(key)) == 1
    at.sim.people.delete_note(at.incident_of(key), note.id)
    at.lose_hooks()
    at.restore()
    at.until_quiet()
    at.clock.forward(HOUR)
    at.sim.people.note(at.incident_of(key), "new", "Ben Osei")
    at.until_quiet()
    assert [text.rpartition(": ")[2] for text in at.comments(key)] == ["taken back", "new"]


def test_to_say_it_again_or_of_a_database_that_was_never_restored_changes_nothing(at: Site) -> None:
    keys = [at.open(f"Case {number}") for number in range(3)]
    at.until_quiet()
    act(at, keys, 20, "before")
    at.until_quiet()
    _forget_requests(at)
    first = restoring.restored(at.db, by="Ana")
    again = restoring.restored(at.db, by="Ana")
    assert (again.accounts, again.numbers_from) == (first.accounts, first.numbers_from)
    at.until_quiet()
    assert _writes(at) == []
    assert at.differences() == []


def test_a_gap_that_nobody_has_read_yet_is_not_cut_short_by_the_next(at: Site) -> None:
    key = _unheard(at)
    first = at.restore()
    at.work()
    second = restoring.restored(at.db, by="Ana")
    assert second.since > first.since
    with at.db.read() as tx:
        gap = integrations.all_of(tx)[PAGERDUTY].gap
    assert gap is not None
    assert gap.since == first.since
    at.until_quiet()
    assert len(at.notes(key)) == 1


def test_built_in_cases_that_were_lost_leave_their_numbers_and_incidents_to_nobody_else(tmp_path: Path) -> None:
    with site(tmp_path, BUILTIN) as at:
        cases = Cases(at.db, site="http://syncd.test")
        kept = cases.open(NewCase("Kept"), Hand("Ana", "api")).case.key
        at.until_quiet()
        at.back_up()
        at.clock.forward(60)
        lost = cases.open(NewCase("Lost"), Hand("Ana", "api")).case.key
        cases.comment(kept, Hand("Ana", "api"), "lost with the database")
        cases.acknowledge(kept, Hand("Ana", "api"))
        at.until_quiet()
        over = cases.open(NewCase("Over"), Hand("Ana", "api")).case.key
        at.until_quiet()
        at.sim.people.resolve(at.incident_of(over), "Ben Osei")
        at.sim.people.open("Not ours", "Ben Osei")
        at.until_quiet()
        incident_of_lost = at.incident_of(lost)
        at.sim.people.note(at.incident_of(kept), "still there", "Ben Osei")
        at.until_quiet()
        at.clock.forward(HOUR)
        done = at.restore()
        with pytest.raises(Conflict, match="pagerduty since the backup was made is still being read"):
            lost_of(at.db, at.connections, at.clock)
        at.until_quiet()
        (found,) = lost_of(at.db, at.connections, at.clock)
        assert (found.integration, found.incident_id, found.status) == (PAGERDUTY, incident_of_lost, "open")
        assert "Lost" in found.title
        assert found.url.endswith(incident_of_lost)
        cases = Cases(at.db, site="http://syncd.test")
        new = cases.open(NewCase("New"), Hand("Ana", "api")).case.key
        at.until_quiet()
        assert new not in {lost, kept}
        assert new == f"CS-{done.numbers_from}"
        assert at.incident_of(new) not in {"", incident_of_lost}
        assert cases.get(kept).status == "acknowledged"
        assert [one.text for one in cases.file(kept).comments] == ["still there"]
        keys = [one.incident_key for one in at.sim.account.incidents.values()]
        assert len(set(keys)) == 5
        assert [one.incident_id for one in lost_of(at.db, at.connections, at.clock)] == [incident_of_lost]


def test_cases_that_outlive_the_database_find_their_incidents_again_and_none_is_called_lost(at: Site) -> None:
    at.open("Old")
    at.until_quiet()
    at.back_up()
    at.clock.forward(60)
    at.open("New")
    at.until_quiet()
    at.restore()
    at.until_quiet()
    assert lost_of(at.db, at.connections, at.clock) == []


def test_the_same_words_said_twice_stand_twice_also_when_only_one_of_them_was_carried_over(at: Site) -> None:
    key = at.open("Case")
    at.until_quiet()
    at.back_up()
    at.desk.cases.comment(key, "Ana Lima", "ok")
    at.until_quiet()
    at.clock.forward(HOUR)
    at.desk.cases.comment(key, "Ana Lima", "ok")
    at.lose_hooks()
    at.restore()
    at.until_quiet()
    assert at.notes(key) == ["Ana Lima (case): ok"] * 2
    assert len(at.comments(key)) == 2
