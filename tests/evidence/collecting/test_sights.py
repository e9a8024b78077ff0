"""A key that is narrowed, or widened, while nobody looks: nothing passes by what it was not shown, and nothing it was shown is doubted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.evidence.answering import Question, answer
from syncd.evidence.collecting import collector, due
from syncd.evidence.facts.dataset import Lack, Name
from syncd.evidence.known import Kept
from syncd.evidence.report.plain import Plain, plain
from syncd.evidence.rules.values import Critical, Rules
from syncd.evidence.spans import Span
from syncd.simulator import Fault
from syncd.store import probes
from tests.evidence.collecting.rig import SLUG, Killed, Rig

RULES = Rules(critical=Critical(names=("*",)), with_case=False)


@pytest.fixture(autouse=True)
def _asked(rig: Rig) -> None:
    rig.is_seen = True


def _report(rig: Rig, back: timedelta = timedelta(days=30)) -> Plain:
    question = Question(SLUG, "acme", Span(rig.now - back, rig.now), RULES, "ana", rig.now)
    with rig.db.read() as tx:
        return plain(answer(tx, Kept(), question)[1])


def _told(rig: Rig) -> set[str]:
    """The checks of which everything was read; in this account something is wrong by each."""
    return {one["check"] for one in _report(rig)["controls"] if one["result"] == "fail" and not one["missing"]}


def _whys(rig: Rig, name: Name) -> set[Lack]:
    return {one.why for one in rig.facts().of(name).missing}


def test_a_key_that_is_narrowed_lets_nothing_pass_from_then_on_and_what_it_saw_before_still_does(rig: Rig) -> None:
    rig.collect()
    before = _told(rig)
    assert before
    rig.clock.forward(timedelta(hours=1))
    rig.key = rig.sim.keys.team
    assert _told(rig) == before, "what was collected was whole when it was"
    rig.collect()
    assert _whys(rig, Name.SERVICES) >= {Lack.HIDDEN}
    assert _told(rig) == set()
    told = {one["check"]: one for one in _report(rig)["controls"]}
    assert "services: the key sees only the teams of its user" in " ".join(told["SVC-03"]["missing"])


def test_what_a_narrow_key_was_shown_never_passes_however_wide_it_becomes(rig: Rig) -> None:
    rig.key = rig.sim.keys.team
    rig.collect()
    rig.key = ""
    rig.clock.forward(timedelta(minutes=10))
    with rig.db.write() as tx:  # Somebody asks `doctor`, and the key sees everything by now.
        found = probes.of(tx, SLUG)
        assert found
    assert _told(rig) == set()
    rig.collect()
    assert _told(rig)


def test_one_that_is_widened_in_the_middle_was_not_whole(rig: Rig) -> None:
    rig.key = rig.sim.keys.team

    def widen(_: object) -> None:
        if rig.asked_by_path()["/escalation_policies"]:
            rig.key = ""

    rig.after = widen
    due.ask(rig.db, SLUG, [Name.POLICIES], since=None, by="ana")
    rig.finish()
    assert [one["heard"] for one in rig.last(Name.POLICIES).sights] == ["partial", "answered"]
    assert _whys(rig, Name.POLICIES) == {Lack.HIDDEN}


def test_one_that_goes_on_after_a_break_is_asked_again(rig: Rig) -> None:
    due.ask(rig.db, SLUG, [Name.SCHEDULES], since=None, by="ana")
    rig.kill_at(20, is_answered=True)
    with pytest.raises(Killed):
        collector.work(rig.worker)
    rig.revive()
    rig.key = rig.sim.keys.team
    collector.work(rig.worker)
    rig.finish()
    assert [one["heard"] for one in rig.last(Name.SCHEDULES).sights] == ["answered", "partial", "partial"]
    assert _whys(rig, Name.SCHEDULES) >= {Lack.HIDDEN}


def test_what_cannot_be_told_is_not_taken_for_everything(rig: Rig) -> None:
    rig.sim.faults.lay(Fault(status=403, path="/teams", count=0))
    rig.collect(Name.SERVICES)
    assert _whys(rig, Name.SERVICES) == {Lack.UNTOLD}
    assert _report(rig)["visible"] != []


def test_the_beginning_of_a_batch_costs_one_look_and_each_end_another(rig: Rig) -> None:
    rig.collect(Name.SERVICES, Name.ABILITIES, Name.POLICIES)
    assert rig.asked_by_path()["/teams"] == 3
    assert rig.last(Name.SERVICES).requests == 2 * 3 + rig.last(Name.SERVICES).pages
    rig.clock.forward(timedelta(hours=1))
    rig.collect(Name.INCIDENTS)
    assert rig.asked_by_path()["/teams"] == 4
    rig.clock.forward(timedelta(hours=6))
    rig.collect(Name.ONCALLS)
    assert rig.asked_by_path()["/teams"] == 6


def test_incidents_of_a_time_that_was_hidden_are_unknown_until_they_are_read_again(rig: Rig) -> None:
    rig.collect(Name.INCIDENTS)
    first = rig.last(Name.INCIDENTS)
    rig.key = rig.sim.keys.team
    rig.clock.forward(timedelta(hours=1))
    rig.collect(Name.INCIDENTS)
    rig.key = ""
    rig.clock.forward(timedelta(hours=1))
    # The last one that has ended was narrow, so that this one begins where that has ended.
    rig.collect(Name.INCIDENTS)
    assert _whys(rig, Name.INCIDENTS) == set()
    assert first.begun_at is not None
    hour = Span(first.begun_at + timedelta(minutes=5), first.begun_at + timedelta(minutes=50))
    assert rig.facts().incidents.unread((hour,)) != ()
    rig.clock.forward(timedelta(hours=1))
    rig.collect(Name.INCIDENTS)
    assert rig.facts().incidents.unread((hour,)) == ()


def test_an_incident_that_a_narrow_key_is_not_shown_is_not_gone(rig: Rig) -> None:
    rig.collect(Name.INCIDENTS)
    known = {one.id: one for one in rig.facts().open_incidents.rows}
    rig.key = rig.sim.keys.team
    rig.clock.forward(timedelta(hours=1))
    rig.collect(Name.INCIDENTS)
    assert {one.id for one in rig.facts().open_incidents.rows} == set(known)


def test_a_list_that_shrinks_sharply_is_doubted_once_and_confirmed_by_the_next(rig: Rig) -> None:
    rig.collect(Name.SERVICES)
    services = rig.sim.account.services
    all_of_them = len(services)
    for one in list(services)[: all_of_them // 4]:
        services.pop(one)
    rig.clock.forward(timedelta(days=1))
    rig.collect(Name.SERVICES)
    (lack,) = rig.facts().services.missing
    assert (lack.why, lack.needs.partition(" since")[0]) == (Lack.SHRUNK, f"{all_of_them // 4} of {all_of_them}")
    assert "`syncd integrations test NAME`" in lack.told(Name.SERVICES)
    rig.collect(Name.SERVICES)
    assert rig.facts().services.is_whole


def test_a_few_that_are_deleted_are_no_reason_to_doubt(rig: Rig) -> None:
    rig.collect(Name.SERVICES)
    for one in list(rig.sim.account.services)[:5]:
        rig.sim.account.services.pop(one)
    rig.clock.forward(timedelta(days=1))
    rig.collect(Name.SERVICES)
    assert rig.facts().services.is_whole
