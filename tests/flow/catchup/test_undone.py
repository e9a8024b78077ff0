"""What was refused, put aside or only observed is named with the delivery that a replay takes up, and the advice helps."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from syncd import errors
from syncd.core.changes import Actor, Field, Side, Status
from syncd.core.policy import CaseReopened
from syncd.flow.catchup import reconcile
from syncd.flow.catchup.compare import Compared, compare
from syncd.flow.orders import parking, pausing, replaying, restraint
from syncd.store.tables_of_accounts import connectors
from tests.flow.catcher import Catcher
from tests.flow.status.told import NO, NOBODY_ON_CALL
from tests.flow.world import CASES, LANDED, PAGERDUTY, World

BEN = Actor("Ben")
FORBIDDEN = errors.Refused("The key may not add notes.", reason="forbidden", status=403)
REPAIR = "`syncd links repair --since 1d --deep` brings them in step."


def compared(world: World) -> Compared:
    return compare(world.db, world.connections, world.clock, world.link().id)


def whats(told: Compared) -> list[tuple[str, str, str]]:
    return [(one.what, one.case, one.incident) for one in told.differences]


def follow(world: World, remedy: str) -> None:
    """Type the replay that is advised."""
    ((numbers,),) = [re.findall(r"`syncd deliveries replay ([0-9 ]+) --yes`", remedy)]
    answers, _ = replaying.replay(world.db, world.connections, [int(one) for one in numbers.split()], by="Eve")
    assert all(one.is_going for one in answers), answers
    world.wait(LANDED)


def look_over(world: World, *, is_deep: bool = True) -> None:
    catcher = Catcher(world)
    for slug in (CASES, PAGERDUTY):
        catcher.ask(world.clock.now() - timedelta(days=1), slug, is_deep=is_deep)
        assert reconcile.work(catcher.worker)
    world.drain()


def refuse_status(world: World) -> None:
    world.incident.fail("set_status", NO)
    world.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    world.drain()


def test_a_refused_status_is_mended_by_a_replay_and_not_by_a_repair(linked: World) -> None:
    refuse_status(linked)
    told = compared(linked)
    (one,) = told.differences
    assert (one.what, one.case, one.incident, one.why) == ("status", "acknowledged", "open", str(NO))
    assert (
        told.remedy == one.remedy == f"`syncd deliveries replay {linked.last()['id']} --yes` makes what was not made."
    )
    look_over(linked)
    assert compared(linked) == told, "a repair finds nothing here"
    follow(linked, told.remedy)
    assert (compared(linked).differences, compared(linked).remedy) == ([], "")
    assert linked.in_step().status is Status.ACKNOWLEDGED


def test_what_a_person_put_aside_says_who_and_why_and_may_be_taken_up(linked: World) -> None:
    refuse_status(linked)
    parking.park(linked.db, [linked.last()["id"]], by="Eve", why="nobody needs it")
    told = compared(linked)
    assert [one.why for one in told.differences] == ["Parked by Eve: nobody needs it"]
    follow(linked, told.remedy)
    assert compared(linked).differences == []


def test_a_later_write_of_the_field_is_what_counts(linked: World) -> None:
    """The refused acknowledge is over: the incident was resolved, the case followed, and was reopened by policy without it."""
    refuse_status(linked)
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.RESOLVED, BEN)
    linked.drain()
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.OPEN)
    linked.drain()
    told = compared(linked)
    assert (told.differences, told.remedy) == ([], "")
    assert told.kept_back == ["status (case: open; incident: resolved)"]


def test_a_replay_that_would_send_nothing_is_not_advised(linked: World) -> None:
    """The refused resolve lost its cause when the case was reopened, and a policy follows no step back."""
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED, BEN)
    linked.drain()
    linked.incident.fail("set_status", NO)
    for status in (Status.RESOLVED, Status.OPEN, Status.OPEN):  # Reopened it is acknowledged, as its incident is.
        linked.act(Side.CASE, "C-1", Field.STATUS, status)
        linked.drain()
    assert ("resolve", "failed", "refused") in linked.said()
    told = compared(linked)
    assert (told.differences, told.kept_back) == ([], ["status (case: open; incident: acknowledged)"])


def test_a_policy_that_was_changed_since_leaves_it_to_a_person(linked: World) -> None:
    for status in (Status.RESOLVED, Status.OPEN):
        linked.act(Side.CASE, "C-1", Field.STATUS, status)
        linked.drain()
    assert compared(linked).kept_back == ["status (case: open; incident: resolved)"]
    with linked.db.write() as tx:
        tx.execute(update(connectors).values(policy={"case_reopened": CaseReopened.REOPEN}))
    told = compared(linked)
    assert whats(told) == [("status", "open", "resolved")]
    assert told.remedy == "Set the status by hand on the side that is wrong; nothing else will."


def test_a_priority_without_a_counterpart_is_kept_back_once_it_is_known(linked: World) -> None:
    linked.act(Side.INCIDENT, "I-1", Field.PRIORITY, "ODD", BEN)
    linked.drain()
    told = compared(linked)
    assert (told.differences, told.remedy, told.kept_back) == ([], "", ["priority (case: P3; incident: ODD)"])


def test_a_refused_resolution_note_is_seen_though_an_incident_has_no_such_field(linked: World) -> None:
    linked.case.fail("set_resolution_note", NO)
    linked.incident.note("I-1", "Resolution Note: restarted", BEN)
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    assert ("resolution_note", "failed", "refused") in linked.said()
    told = compared(linked)
    assert whats(told) == [("resolution_note", "", "restarted")]
    follow(linked, told.remedy)
    assert compared(linked).differences == []
    assert linked.case.record("C-1").resolution_note == "restarted"


def test_only_the_side_that_would_be_written_to_is_to_be_observed_no_more(linked: World) -> None:
    """The case is to be written to; that the incident's account is only observed is no hindrance, and the other way round."""
    linked.case.fail("set_status", NO)
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED, BEN)
    linked.drain()
    restraint.observe(linked.db, PAGERDUTY, by="Ana")
    assert compared(linked).remedy.startswith("`syncd deliveries replay ")
    restraint.observe(linked.db, CASES, by="Ana")
    assert "`syncd integrations observe cases --off`" in compared(linked).remedy


def test_a_status_that_was_only_observed_goes_by_itself_once_that_is_over(linked: World) -> None:
    restraint.observe(linked.db, PAGERDUTY, by="Ana")
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    told = compared(linked)
    assert [one.why for one in told.differences] == ["Only observed. It would set the status to acknowledged."]
    assert told.remedy == (
        "Integration pagerduty is only observed, so nothing is written there; `syncd integrations observe pagerduty --off` "
        "has it written to again."
    )


def _prioritise_unheard(world: World) -> None:
    """Its value is mapped by nobody. The look before a write finds it, and so it has a row with that write's errand."""
    world.incident.set("I-1", Field.PRIORITY, "ODD", BEN)


def test_other_news_that_was_found_beside_a_refused_write_is_not_why_it_was_refused(linked: World) -> None:
    _prioritise_unheard(linked)
    refuse_status(linked)
    assert linked.said()[-1] == ("priority", "ignored", "not_mapped")
    told = compared(linked)
    assert [(one.what, one.why) for one in told.differences] == [("status", str(NO))]
    follow(linked, told.remedy)
    assert compared(linked).differences == []


def test_other_news_that_was_found_beside_a_write_does_not_hide_that_it_was_only_observed(linked: World) -> None:
    restraint.observe(linked.db, PAGERDUTY, by="Ana")
    _prioritise_unheard(linked)
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    assert linked.said()[-1] == ("priority", "ignored", "not_mapped")
    (one,) = compared(linked).differences
    assert one.why == "Only observed. It would set the status to acknowledged."
    assert "only observed" in one.remedy


def test_what_a_pause_holds_says_so(linked: World) -> None:
    pausing.pause(linked.db, linked.link().id, by="Ana")
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    told = compared(linked)
    assert [one.why for one in told.differences] == ["Sync is paused; everything is kept until it is resumed."]
    assert told.is_on_its_way


def test_a_hook_that_waits_to_be_planned_needs_no_repair(linked: World) -> None:
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED, BEN)
    told = compared(linked)
    assert (whats(told), told.remedy) == ([("status", "open", "acknowledged")], "What is on its way goes by itself.")
    assert told.is_on_its_way
    linked.drain()
    linked.incident.set("I-1", Field.STATUS, Status.RESOLVED, BEN)
    assert compared(linked).remedy == REPAIR


def test_several_are_replayed_by_one_command(linked: World) -> None:
    linked.incident.fail("add_note", FORBIDDEN, times=2)
    for words in ("one", "two"):
        linked.comment(Side.CASE, "C-1", words)
    linked.drain()
    told = compared(linked)
    assert whats(told) == [("note", "Ana (case): one", ""), ("note", "Ana (case): two", "")]
    assert {one.why for one in told.differences} == {"The key may not add notes."}
    follow(linked, told.remedy)
    assert compared(linked).differences == []
    assert linked.incident.texts("I-1") == ["Ana (case): one", "Ana (case): two"]


def test_a_case_without_an_incident_says_why_and_what_opens_one(world: World) -> None:
    world.incident.fail("open", NOBODY_ON_CALL)
    world.ask_for_incident()
    world.drain()
    world.comment(Side.CASE, "C-1", "is anybody there?")
    world.drain()
    opening = next(row["id"] for row in world.rows() if row["change"] == "open" and row["outcome"] == "failed")
    with pytest.raises(errors.Conflict) as raised:
        compared(world)
    assert str(raised.value) == (
        "Link 1 has no incident to compare its case with; it is failed: Nobody is on call for this service, 1 change is held "
        f"for it. `syncd deliveries replay {opening} --yes` opens one, and what was said of the case meanwhile follows it."
    )
    follow(world, str(raised.value))
    assert compared(world).differences == []


def test_an_opening_that_was_put_aside_says_who_did_and_what_opens_it_after_all(world: World) -> None:
    world.incident.fail("open", NOBODY_ON_CALL)
    world.ask_for_incident()
    world.drain()
    opening = next(row["id"] for row in world.rows() if row["change"] == "open" and row["outcome"] == "failed")
    parking.park(world.db, [opening], by="Eve", why="a drill")
    with pytest.raises(
        errors.Conflict, match=r"it is ended: Parked by Eve: a drill\. `syncd deliveries replay \d+ --yes` opens"
    ) as raised:
        compared(world)
    follow(world, str(raised.value))
    assert compared(world).differences == []


def test_an_opening_that_a_pause_holds_says_what_lets_it_go(world: World) -> None:
    restraint.pause(world.db, PAGERDUTY, by="Ana", why="a move")
    world.ask_for_incident()
    world.drain()
    with pytest.raises(
        errors.Conflict, match=r"it is opening\. .* `syncd integrations resume pagerduty` lets it go on"
    ):
        compared(world)
    assert restraint.resume(world.db, PAGERDUTY, by="Ana")
    world.drain()
    assert compared(world).differences == []


def test_an_opening_that_was_only_observed_needs_its_account_first(world: World) -> None:
    restraint.observe(world.db, PAGERDUTY, by="Ana")
    world.ask_for_incident()
    world.drain()
    with pytest.raises(
        errors.Conflict, match="First `syncd integrations observe pagerduty --off`, then `syncd deliveries"
    ):
        compared(world)


def test_a_case_that_was_over_before_it_had_an_incident_needs_none(world: World) -> None:
    world.ask_for_incident()
    world.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    world.drain()
    with pytest.raises(errors.Conflict, match=r"it is ended: .*The case is over, so nothing is to be opened"):
        compared(world)
