"""What a setting kept back is told by that setting as it is today: sentence, command and action are of one mind."""

from __future__ import annotations

import pytest

from syncd.core.changes import Actor, Field, Side, Status
from syncd.core.why.gate import Gate
from syncd.core.why.verdict import Act, Who
from syncd.flow.orders import replaying, restraint, two_way
from tests.flow.why.asking import ask, last, stopped
from tests.flow.world import CASES, PAGERDUTY, World

BEN = Actor("Ben")


@pytest.mark.parametrize(("side", "slug", "ref"), [(Side.INCIDENT, PAGERDUTY, "C-1"), (Side.CASE, CASES, "I-1")])
def test_what_an_observed_account_was_not_told(linked: World, side: Side, slug: str, ref: str) -> None:
    restraint.observe(linked.db, slug, by="Ana")
    linked.comment(side.other, ref, "Looking", BEN)
    linked.drain()
    number = last(linked, "observing")
    said = stopped(linked, number, at=Gate.CONNECTED)
    assert (said.act, said.target) == (Act.WRITE_AGAIN, slug)
    assert said.command == f"syncd integrations observe {slug} --off"
    restraint.write_again(linked.db, slug, by="Ana")
    said = stopped(linked, number, at=Gate.CONNECTED)
    assert said.sentence == (
        f"{slug} was only observed when the comment came, so it was not written; by now it is written to."
    )
    assert (said.act, said.target, said.command) == (Act.REPLAY, number, f"syncd deliveries replay {number} --yes")
    assert stopped(linked, at=Gate.CONNECTED).command == said.command
    replaying.replay(linked.db, linked.connections, [int(number)], by="Ana")
    linked.drain()
    assert not ask(linked).verdict.stops


def test_a_status_that_was_only_observed_needs_nobody_once_that_is_over(linked: World) -> None:
    restraint.observe(linked.db, PAGERDUTY, by="Ana")
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED, BEN)
    linked.drain()
    restraint.write_again(linked.db, PAGERDUTY, by="Ana")
    said = stopped(linked, last(linked, "observing"), at=Gate.CONNECTED)
    assert (said.who, said.command, said.act) == (Who.NOBODY, "", None)
    linked.sweep()
    linked.drain()
    assert linked.in_step().status == Status.ACKNOWLEDGED


def test_what_came_while_sync_was_one_way(linked: World) -> None:
    assert two_way.switch(linked.db, PAGERDUTY, is_on=False, by="Ana")
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED, BEN)
    linked.drain()
    number = last(linked, "sync_off")
    said = stopped(linked, number, at=Gate.SWITCHED_ON)
    assert (said.act, said.command) == (Act.SWITCH_TWO_WAY, "syncd integrations two-way pagerduty on")
    assert two_way.switch(linked.db, PAGERDUTY, is_on=True, by="Ana")
    for reference in (number, "C-1"):
        said = stopped(linked, reference, at=Gate.SWITCHED_ON)
        assert said.sentence == (
            "Two-way sync of pagerduty was off when the acknowledge came, so it changed no case; by now it is on."
        )
        assert (said.who, said.command, said.act) == (Who.NOBODY, "", None)
