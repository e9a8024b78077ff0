"""What is advised where two sides differ: what has to happen first, by the command that does it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import update

from syncd import errors
from syncd.core.changes import Actor, Field, Side, Status
from syncd.core.policy import Winner
from syncd.flow import accounts
from syncd.flow.catchup.compare import Compared, compare
from syncd.flow.orders import pausing, restraint
from syncd.store import gaps, integrations
from syncd.store.tables_of_accounts import connectors
from tests.flow.world import CASES, PAGERDUTY, World

_REPAIR = "`syncd links repair --since 1d --deep` brings them in step."


def _compared(world: World) -> Compared:
    return compare(world.db, world.connections, world.clock, world.link().id)


def _disconnect(world: World, code: str) -> None:
    with world.db.write() as tx:
        now = world.db.now(tx)
        integrations.disconnect(tx, PAGERDUTY, code=code, reason="No.", now=now, probe_at=now)


def _restore(world: World) -> None:
    with world.db.write() as tx:
        gaps.begin(tx, PAGERDUTY, world.clock.now(), world.clock.now())


def _pause_link(world: World) -> None:
    pausing.pause(world.db, world.link().id, by="Ana")


def _pause_cases(world: World) -> None:
    restraint.pause(world.db, CASES, by="Ana", why="a move.")


def _observe(world: World) -> None:
    restraint.observe(world.db, PAGERDUTY, by="Ana")


def _refuse_key(world: World) -> None:
    _disconnect(world, accounts.KEY_REFUSED)


def _refuse_sender(world: World) -> None:
    _disconnect(world, accounts.SENDER_REFUSED)


def _leave(_: World) -> None:
    """Nothing stands in the way."""


_ADVISED = {
    _leave: _REPAIR,
    _pause_link: "The link is paused, so nothing is written for it; `syncd links resume 1` lets it go on.",
    _pause_cases: "Integration cases is paused by Ana: a move; `syncd integrations resume cases` lets it go on.",
    _observe: (
        "Integration pagerduty is only observed, so nothing is written there; `syncd integrations observe pagerduty --off` "
        "has it written to again."
    ),
    _refuse_key: (
        "Integration pagerduty is disconnected (PAG-100-B). Give it a credential that works: `syncd integrations rotate "
        "pagerduty`; what is held then goes on in order."
    ),
    _refuse_sender: (
        "Integration pagerduty is disconnected (SYN-PAG-SENDER). Let that user respond to incidents in PagerDuty, or name "
        "another: `syncd integrations set pagerduty --email ADDRESS`; what is held then goes on in order."
    ),
    _restore: "A restored backup is being caught up with in pagerduty, which goes on by itself; see `syncd status`.",
}


@pytest.mark.parametrize("hinder", _ADVISED, ids=lambda hinder: hinder.__name__)
def test_what_stands_in_the_way_is_named_with_the_command_that_removes_it(
    linked: World, hinder: Callable[[World], None]
) -> None:
    linked.case.set("C-1", Field.STATUS, Status.RESOLVED)
    hinder(linked)
    assert _compared(linked).remedy == _ADVISED[hinder]


def test_where_nothing_differs_nothing_is_advised(linked: World) -> None:
    pausing.pause(linked.db, linked.link().id, by="Ana")
    assert _compared(linked).remedy == ""


@pytest.mark.parametrize("hinder", [_observe, _refuse_sender])
def test_what_is_only_read_there_does_not_stand_in_the_way(linked: World, hinder: Callable[[World], None]) -> None:
    """A note of the incident is written to the case, and so is its status."""
    linked.incident.note("I-1", "mended", Actor("Ben"))
    linked.incident.set("I-1", Field.STATUS, Status.RESOLVED)
    hinder(linked)
    assert _compared(linked).remedy == _REPAIR
    linked.case.note("C-1", "looking")
    assert _compared(linked).remedy != _REPAIR


def test_a_conflict_is_decided_by_a_person_first_and_then_by_whoever_holds_the_account(linked: World) -> None:
    with linked.db.write() as tx:
        tx.execute(update(connectors).values(policy={"priority": Winner.MANUAL}))
    linked.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    linked.act(Side.INCIDENT, "I-1", Field.PRIORITY, "MIDDLE", Actor("Ben"))
    linked.drain()
    decides = (
        "The priority waits for a person: `syncd conflicts resolve 1 priority --to case` or `--to pagerduty` decides."
    )
    assert _compared(linked).remedy == decides
    pausing.pause(linked.db, linked.link().id, by="Ana")
    assert _compared(linked).remedy == (
        f"{decides} Then: The link is paused, so nothing is written for it; `syncd links resume 1` lets it go on."
    )


def test_an_account_that_is_held_back_twice_names_both_that_let_go(linked: World) -> None:
    linked.case.set("C-1", Field.STATUS, Status.RESOLVED)
    restraint.pause(linked.db, PAGERDUTY, by="Ana", why="a move")
    restraint.observe(linked.db, PAGERDUTY, by="Ana")
    assert _compared(linked).remedy == (
        "Integration pagerduty is paused by Ana: a move; `syncd integrations resume pagerduty` and then `syncd "
        "integrations observe pagerduty --off` let it go on."
    )


@pytest.mark.parametrize(
    ("error", "raised", "said"),
    [
        (
            errors.Unauthorised("The key is not accepted; give another.", status=401),
            errors.Misconfigured,
            r"\(The key is not accepted\)\. Give it a credential that works: `syncd integrations rotate pagerduty`",
        ),
        (
            errors.OffLimits("syncd does not connect to x; if that is meant, set SYNCD_OUTGOING_ALLOW=x."),
            errors.Misconfigured,
            "I-1 cannot be read now: syncd does not connect to x; if that is meant, set SYNCD_OUTGOING_ALLOW=x.",
        ),
        (errors.Refused("There is none.", reason="gone"), errors.Conflict, "`syncd integrations test pagerduty`"),
        (errors.RateLimited("Slow down.", retry_after=3), errors.Unavailable, r"\(Slow down\); try again later"),
    ],
)
def test_only_what_passes_by_itself_is_to_be_tried_again_later(
    linked: World, error: errors.SideError, raised: type[errors.SyncdError], said: str
) -> None:
    linked.incident.fail("fetch", error)
    with pytest.raises(raised, match=said):
        _compared(linked)
