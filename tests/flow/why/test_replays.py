"""A delivery that a person had decided anew: asked about, it tells what came of that, and names no replay that was made."""

from __future__ import annotations

import shlex

from sqlalchemy import update

from syncd import errors
from syncd.core.changes import Field, Side
from syncd.core.why.gate import Gate
from syncd.flow.orders import replaying, restraint
from syncd.store.tables_of_accounts import connectors
from tests.flow.why.asking import ask, last, stopped
from tests.flow.world import CASES, PAGERDUTY, World

REFUSED = errors.Refused("The note is too rude.", status=400)


def _refuse(world: World) -> str:
    world.incident.fail("add_note", REFUSED)
    world.comment(Side.CASE, "C-1", "Looking")
    world.drain()
    return str(world.last()["id"])


def _replay(world: World, delivery: str) -> bool:
    (answer,), _ = replaying.replay(world.db, world.connections, [int(delivery)], by="Ben")
    return answer.is_going


def _replays(world: World, delivery: str) -> bool:
    """By the command that the answer for this delivery names."""
    *command, number, _ = shlex.split(ask(world, f"delivery:{delivery}").verdict.command)
    assert command == ["syncd", "deliveries", "replay"]
    return _replay(world, number)


def test_what_was_replayed_and_written_came_through(linked: World) -> None:
    first = _refuse(linked)
    assert _replays(linked, first)
    for reference in (first, f"delivery:{first}"):
        assert "on its way" in stopped(linked, reference, at=Gate.DELIVERED).sentence
    linked.drain()
    for reference in (first, f"delivery:{first}"):
        verdict = ask(linked, reference).verdict
        assert (verdict.stops, verdict.gate, verdict.command) == (False, Gate.IN_STEP, "")
    assert not ask(linked).verdict.stops


def test_what_was_refused_again_names_the_delivery_that_can_be_replayed(linked: World) -> None:
    first = _refuse(linked)
    for _ in range(3):
        linked.incident.fail("add_note", REFUSED)
        assert _replays(linked, first)
        linked.drain()
        assert stopped(linked, first, at=Gate.DELIVERED).target == str(linked.last()["id"])
    assert _replays(linked, first)
    linked.drain()
    assert not ask(linked, first).verdict.stops
    assert ask(linked, first).means == f"delivery:{first}", "which is what was asked about"


def test_any_attempt_of_a_change_that_was_replayed_tells_what_came_of_it(linked: World) -> None:
    linked.incident.fail("add_note", errors.Unreachable("Nobody answers."))
    linked.comment(Side.CASE, "C-1", "Looking")
    linked.drain()
    retried = str(linked.last()["id"])
    linked.incident.fail("add_note", REFUSED)
    linked.wait(60)
    refused = str(linked.last()["id"])
    assert retried != refused
    assert _replay(linked, retried)
    linked.drain()
    assert not ask(linked, refused).verdict.stops
    assert not ask(linked, retried).verdict.stops


def _have_cases_of(world: World, system: str) -> None:
    """The one connector takes them."""
    with world.db.write() as tx:
        tx.execute(update(connectors).values(case_system=system))


def test_a_case_that_was_sent_nowhere_and_opened_by_its_replay(world: World) -> None:
    _have_cases_of(world, PAGERDUTY)
    world.ask_for_incident("C-7")
    world.drain()
    number = last(world, "no_connector")
    world.comment(Side.CASE, "C-7", "Looking")
    world.drain()
    assert stopped(world, "C-7", at=Gate.LINKED).target == number, "and not the comment that came since"
    _have_cases_of(world, CASES)
    assert _replay(world, number)
    assert ask(world, number).verdict.sentence == "A hook is here and is looked at within seconds."
    world.plan()
    assert "on its way" in ask(world, number).verdict.sentence
    world.drain()
    answer = ask(world, number)
    assert (answer.verdict.stops, answer.link, answer.means) == (False, world.link("C-7").id, f"delivery:{number}")


def test_what_was_only_observed_and_decided_anew_names_no_replay(linked: World) -> None:
    restraint.observe(linked.db, PAGERDUTY, by="Ana")
    linked.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    linked.drain()
    number = last(linked, "observing")
    restraint.write_again(linked.db, PAGERDUTY, by="Ana")
    linked.sweep()
    linked.drain()
    verdict = stopped(linked, number, at=Gate.IN_ORDER)
    assert (verdict.command, _replay(linked, number)) == ("", False)


def test_a_comment_on_a_case_without_an_incident(world: World) -> None:
    world.case.put("C-9", title="Another")
    world.comment(Side.CASE, "C-9", "Looking")
    world.drain()
    sentence = "No incident was opened here for this case, so there is nothing to bring it to."
    for reference in ("C-9", last(world, "unlinked")):
        said = stopped(world, reference, at=Gate.LINKED)
        assert (said.sentence, said.command) == (sentence, "syncd why case:C-9")
    assert world.last()["detail"] == sentence
