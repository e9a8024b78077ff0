"""Both sides of a link read side by side: what differs is named, and nothing is changed."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from syncd import errors
from syncd.core.changes import Actor, Field, Side, Status
from syncd.flow.catchup.compare import Compared, compare
from syncd.store.tables_of_accounts import connectors
from tests.flow.world import World


def _compared(world: World) -> Compared:
    return compare(world.db, world.connections, world.clock, world.link().id)


def _told(world: World) -> list[tuple[str, str, str]]:
    return [(one.what, one.case, one.incident) for one in _compared(world).differences]


def test_two_that_agree(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "one")
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    linked.forget()
    told = _compared(linked)
    assert (told.case_id, told.incident_id, told.is_on_its_way, told.differences) == ("C-1", "I-1", False, [])
    assert linked.case.writes() == linked.incident.writes() == []
    assert linked.said() == []


def test_what_was_never_told_is_named(linked: World) -> None:
    linked.incident.set("I-1", Field.STATUS, Status.RESOLVED)
    linked.incident.set("I-1", Field.PRIORITY, "HIGH")
    linked.incident.note("I-1", "mended", Actor("Ben"))
    linked.case.note("C-1", "looking")
    assert _told(linked) == [
        ("status", "open", "resolved"),
        ("priority", "P3", "HIGH"),
        ("note", "Ana: looking", ""),
        ("note", "", "Ben: mended"),
    ]


def test_priorities_that_mean_the_same_do_not_differ(linked: World) -> None:
    linked.incident.set("I-1", Field.PRIORITY, "HIGH")
    linked.case.set("C-1", Field.PRIORITY, "P2")
    assert _told(linked) == []


def test_a_priority_is_told_by_the_name_that_pagerduty_has_for_it(linked: World) -> None:
    named = [{"case": "P2", "incident": "HIGH", "name": "Sev 1"}, {"case": "P3", "incident": "LOW", "name": "Sev 3"}]
    with linked.db.write() as tx:
        tx.execute(update(connectors).values(priorities=named))
    for value, name in (("HIGH", "Sev 1"), ("ODD", "")):
        linked.incident.set("I-1", Field.PRIORITY, value)
        (one,) = _compared(linked).differences
        assert (one.incident, one.incident_name) == (value, name)


def test_a_closed_case_follows_nothing_any_more(linked: World) -> None:
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.CLOSED)
    linked.drain()
    linked.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.incident.set("I-1", Field.PRIORITY, "HIGH")
    assert _told(linked) == []


def test_what_is_on_its_way_is_said(linked: World) -> None:
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.plan()
    told = _compared(linked)
    assert told.is_on_its_way
    assert [one.what for one in told.differences] == ["status"]


def test_a_side_that_cannot_be_read_is_told(linked: World) -> None:
    linked.incident.fail("fetch", errors.Unreachable("The connection was refused."))
    with pytest.raises(errors.Unavailable, match=r"The incident I-1 cannot be read now \(The connection was refused\)"):
        _compared(linked)


def test_what_has_no_incident_has_nothing_to_compare(world: World) -> None:
    world.ask_for_incident()
    world.plan()
    with pytest.raises(
        errors.Conflict, match="it is opening, and `syncd deliveries list --link 1` shows what was tried"
    ):
        _compared(world)
    with pytest.raises(errors.NotFound, match="There is no link 77"):
        compare(world.db, world.connections, world.clock, 77)
