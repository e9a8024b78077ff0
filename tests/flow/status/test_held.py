"""What is held: each reason is a finding, goes when it is mended, and names its remedy."""

from __future__ import annotations

import pytest

from syncd import errors
from syncd.core.changes import Side
from syncd.flow.orders import pausing, restraint
from syncd.store import links
from tests.flow.status.told import NOBODY_ON_CALL, REFUSED_KEY, seen, shown_by, whats
from tests.flow.world import PAGERDUTY, World


def test_what_is_held_for_long_has_its_own_finding_and_does_not_wait(linked: World) -> None:
    for op in ("add_note", "check"):
        linked.incident.fail(op, REFUSED_KEY, times=1_000)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    linked.clock.forward(601)
    found = seen(linked)
    assert [what.split()[0] for what in whats(found)] == ["Integration", "1"]
    assert found.oldest_age_s is None
    assert found.oldest_held_s == pytest.approx(601, abs=1)


def test_a_refused_key_is_a_finding_and_so_is_what_it_holds(linked: World) -> None:
    for op in ("add_note", "check"):
        linked.incident.fail(op, REFUSED_KEY)
    for text in ("one", "two"):
        linked.comment(Side.CASE, "C-1", text)
    linked.drain()
    found = seen(linked)
    assert whats(found) == [
        "Integration pagerduty is disconnected since 2026-11-21 12:00 UTC (PAG-100-B): The key is not accepted.",
        "2 changes are held because pagerduty is disconnected.",
    ]
    assert "`syncd integrations rotate pagerduty`" in found.findings[0].remedy
    assert "`syncd integrations test pagerduty`" in found.findings[1].remedy
    assert [one.slug for one in found.disconnected] == [PAGERDUTY]
    linked.wait(61)  # The account is asked again, and answers.
    assert whats(seen(linked)) == []


def test_one_held_change_is_one(linked: World) -> None:
    for op in ("add_note", "check"):
        linked.incident.fail(op, REFUSED_KEY)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    assert "1 change is held because pagerduty is disconnected." in whats(seen(linked))


def test_what_the_account_said_is_told_without_a_second_remedy(linked: World) -> None:
    said = errors.Unauthorised("The key is not accepted; reconnect it with a credential that works.", status=401)
    for op in ("add_note", "check"):
        linked.incident.fail(op, said)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    first, *_ = seen(linked).findings
    assert first.what.endswith("(PAG-100-B): The key is not accepted.")


def test_a_hook_that_has_to_be_looked_at_is_held_with_its_account_and_does_not_wait(linked: World) -> None:
    for op in ("fetch", "check"):
        linked.incident.fail(op, REFUSED_KEY, times=1_000)
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    linked.wait(3_600)
    linked.clock.forward(3_600)
    found = seen(linked)
    assert whats(found)[1:] == ["1 change is held because pagerduty is disconnected."]
    assert (found.held.hooks, found.incoming.waiting, found.oldest_unsynced) == (1, 0, None)


def test_what_a_pause_holds_names_the_link(linked: World) -> None:
    pausing.pause(linked.db, linked.link().id, by="Ana", why="a move")
    said = f"Link {linked.link().id}: Paused by Ana: a move"
    assert whats(seen(linked)) == [f"{said} (nothing is held for it yet)."]
    linked.comment(Side.CASE, "C-1", "one")
    linked.comment(Side.INCIDENT, "I-1", "two")
    linked.drain()
    number, found = linked.link().id, seen(linked)
    assert whats(found) == [f"{said} (2 changes are held for it)."]
    assert f"`syncd links resume {number}`" in found.findings[0].remedy
    assert shown_by(linked, found, said) == 1
    pausing.resume(linked.db, number, by="Ana")
    assert whats(seen(linked)) == []


def test_many_paused_links_are_one_finding(linked: World) -> None:
    linked.ask_for_incident("C-2")
    linked.drain()
    with linked.db.read() as tx:
        numbers = [row["id"] for row in links.listing(tx)]
    for number in numbers:
        pausing.pause(linked.db, number, by="Ana")
    for case in ("C-1", "C-2"):
        linked.comment(Side.CASE, case, "one")
    linked.drain()
    found = seen(linked)
    assert whats(found) == ["2 links are paused, and 2 changes are held for them."]
    assert "`syncd links list --paused`" in found.findings[0].remedy


def test_what_has_no_incident_to_go_to_says_so(world: World) -> None:
    world.incident.fail("open", NOBODY_ON_CALL)
    world.ask_for_incident()
    world.drain()
    world.comment(Side.CASE, "C-1", "one")
    world.drain()
    found = seen(world)
    assert "1 change is held because no incident could be opened." in whats(found)


def test_a_case_whose_incident_is_held_is_named_because_nobody_is_called_for_it(world: World) -> None:
    restraint.pause(world.db, PAGERDUTY, by="Ana", why="A move.")
    world.ask_for_incident()
    world.comment(Side.CASE, "C-1", "one")
    world.drain()
    found = seen(world)
    assert whats(found)[0] == "Nobody has been called for 1 case: C-1; the incident is held with the rest."
    restraint.resume(world.db, PAGERDUTY, by="Ana")
    world.sweep()
    world.drain()
    assert whats(seen(world)) == []


def test_one_that_is_disconnected_and_paused_is_to_be_resumed_first(linked: World) -> None:
    for op in ("add_note", "check"):
        linked.incident.fail(op, REFUSED_KEY)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    restraint.pause(linked.db, PAGERDUTY, by="Ana", why="A move.")
    first = seen(linked).findings[0]
    assert "disconnected" in first.what
    assert first.remedy.startswith(
        "It is paused as well, so that nobody asks it again: `syncd integrations resume pagerduty`"
    )
