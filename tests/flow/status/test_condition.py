"""How the daemon is: each finding is made by really breaking something, goes away when that is mended, and names its remedy."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from datetime import timedelta

import pytest

from syncd import errors
from syncd.console.api_deliveries import COLUMNS
from syncd.core.changes import Field, FieldSeen, Side, Status
from syncd.flow import accept
from syncd.flow.orders import pausing
from syncd.flow.retention import keeping
from syncd.flow.retention.pruning import Policy, prune
from syncd.flow.status import incoming
from syncd.flow.status.condition import PARTS, SILENT_AFTER, Condition, condition
from syncd.store import deliveries, heartbeats, integrations, links
from syncd.systems.port import System
from tests.flow.far_side import US
from tests.flow.world import NOON, PAGERDUTY, World

REFUSED_KEY = errors.Unauthorised("The key is not accepted.", status=401)
NO = errors.Refused("This note is too long.", status=400)
AWAY = errors.Unreachable("The connection was refused.")
NOBODY_ON_CALL = errors.Refused("Nobody is on call for this service.", reason="nobody_on_call", status=400, code=1015)


def beat(world: World, *parts: str, instance: str = "host:1") -> None:
    with world.db.write() as tx:
        for part in parts:
            heartbeats.beat(tx, part, instance, world.db.now(tx))


def seen(world: World) -> Condition:
    """With every part alive, unless a test is about that."""
    beat(world, *PARTS)
    return condition(world.db)


def whats(found: Condition) -> list[str]:
    for one in found.findings:
        assert one.what.endswith("."), "a sentence,"
        assert one.remedy.endswith("."), "and what to do about it"
    return [one.what for one in found.findings]


def shown_by(world: World, found: Condition, start: str) -> int:
    """How many rows the remedy of this finding shows to whoever types it."""
    (remedy,) = (one.remedy for one in found.findings if one.what.startswith(start))
    command, *_ = re.findall("`syncd ([^`]*)`", remedy)
    noun, verb, *rest = shlex.split(command)
    with world.db.read() as tx:
        if (noun, verb) == ("links", "show"):
            return len(links.about(tx, *rest))
        assert (noun, verb) == ("deliveries", "list")
        given = {name.removeprefix("--"): value for name, value in zip(rest[::2], rest[1::2], strict=True)}
        asked = {COLUMNS[name]: int(value) if name == "link" else value for name, value in given.items()}
        return len(deliveries.find(tx, asked))


def test_in_step(linked: World) -> None:
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    found = seen(linked)
    assert whats(found) == []
    assert (found.oldest_unsynced, found.oldest_age_s) == (None, None)
    assert found.errands["delivered"] == 3  # the opening, the address on the case, the acknowledgement
    assert found.links == {"open": 1}
    assert [(one.part, one.instances) for one in found.parts] == [(part, 1) for part in PARTS]


def test_a_hook_that_nobody_has_planned_is_waiting(linked: World) -> None:
    at = linked.clock.now()
    linked.comment(Side.CASE, "C-1", "one")
    linked.clock.forward(90)
    found = seen(linked)
    assert found.oldest_unsynced is not None
    assert found.oldest_unsynced - at < timedelta(seconds=1)
    assert found.oldest_age_s == pytest.approx(90, abs=1)
    assert whats(found) == [], "a minute and a half is no finding yet"


def test_a_change_that_waits_too_long_is_a_finding(linked: World) -> None:
    linked.incident.fail("add_note", AWAY, times=1_000)
    linked.incident.fail("check", AWAY, times=1_000)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    assert whats(seen(linked)) == []
    linked.clock.forward(601)
    found = seen(linked)
    assert whats(found) == [f"The oldest change has waited for {found.oldest_age_s:.0f} s."]
    assert found.errands["waiting"] == 1
    assert shown_by(linked, found, "The oldest change") == 1
    linked.incident.faults.clear()
    linked.wait(3_600)
    assert whats(seen(linked)) == []


def test_a_hook_that_nobody_takes_for_long_is_a_finding_whose_remedy_shows_its_link(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "one")
    linked.clock.forward(601)
    assert shown_by(linked, seen(linked), "The oldest change") == 1


def test_a_change_that_nobody_has_tried_is_a_finding_whose_remedy_shows_its_link(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "one")
    linked.plan()
    linked.clock.forward(601)
    assert [state for _, state in linked.states()][-1] == "waiting"
    assert shown_by(linked, seen(linked), "The oldest change") == 1


def test_a_hook_about_a_record_without_a_link_names_it_and_no_command_that_shows_nothing(linked: World) -> None:
    linked.tell(Side.INCIDENT, "I 9")
    linked.clock.forward(601)
    (found,) = seen(linked).findings
    assert found.remedy == "It is a hook about incident I 9 that nobody has looked at yet; see that a worker runs."


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


def turn_away(world: World, *, times: int = 1) -> None:
    for _ in range(times):
        accept.turn_away(world.db, FakeDoor(PAGERDUTY), "The signature matches no secret.")


@dataclass(frozen=True)
class FakeDoor:
    """As the receiver has one for a source."""

    slug: str
    side: Side = Side.INCIDENT
    secrets: tuple[str, ...] = ()
    secret_ids: tuple[int, ...] = ()

    @property
    def system(self) -> System:
        raise AssertionError("nothing of a hook that is turned away is read")


def test_a_source_that_is_turned_away_is_a_finding_until_it_is_heard_again(linked: World) -> None:
    linked.clock.forward(1)
    turn_away(linked, times=3)
    found = seen(linked)
    assert whats(found) == [
        "The last hook that said it came from pagerduty was refused (bad signature), 3 in the last hour."
    ]
    assert "`syncd integrations webhook pagerduty`" in found.findings[0].remedy
    linked.clock.forward(1)
    linked.tell(Side.CASE, "C-1")
    assert len(whats(seen(linked))) == 1, "another source says nothing about this one"
    linked.tell(Side.INCIDENT, "I-1")
    assert whats(seen(linked)) == []


def test_a_source_that_was_turned_away_long_ago_or_is_unknown_is_no_finding(linked: World) -> None:
    linked.clock.forward(1)
    accept.turn_away(linked.db, FakeDoor("removed"), "The signature matches no secret.")
    assert whats(seen(linked)) == []
    turn_away(linked)
    linked.clock.forward(3_601)
    assert whats(seen(linked)) == []


@pytest.mark.parametrize(("side", "how"), [(Side.INCIDENT, "--create"), (Side.CASE, "/hooks/acme")])
def test_an_account_without_a_webhook_is_told_and_is_no_trouble(world: World, side: Side, how: str) -> None:
    assert whats(seen(world)) == [], "who has no credential needs no hooks"
    with world.db.write() as tx:
        now = world.db.now(tx)
        integrations.add(tx, slug="acme", system="any", side=side, base_url="", settings={}, sealed=b"key", now=now)
    found = seen(world)
    assert whats(found) == []
    (line,) = incoming.lines(found.incoming)
    assert line.startswith("acme has no webhook, so it is looked over every 15 s. To hear of changes at once: ")
    assert how in line
    assert "`syncd integrations webhook acme`" in line
    with world.db.write() as tx:
        integrations.add_hook_secret(tx, "acme", b"sealed", "", world.db.now(tx))
    assert incoming.lines(seen(world).incoming) == []


def test_a_refused_change_is_a_finding(linked: World) -> None:
    linked.incident.fail("add_note", NO, times=2)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    assert whats(seen(linked)) == ["1 change was refused for good."]
    linked.comment(Side.CASE, "C-1", "two")
    linked.drain()
    found = seen(linked)
    assert whats(found) == ["2 changes were refused for good."]
    assert found.errands["dead"] == 2
    assert found.oldest_unsynced is None, "what is dead waits no more"


def test_a_case_without_its_incident_is_a_finding(world: World) -> None:
    world.incident.fail("open", NOBODY_ON_CALL)
    world.ask_for_incident()
    world.drain()
    found = seen(world)
    assert "1 case got no incident." in whats(found)
    assert found.links == {"failed": 1}


def test_an_incident_that_our_own_write_reopened_is_a_finding_for_a_day(linked: World) -> None:
    linked.incident.meanwhile["set_status"] = lambda: linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.RESOLVED)
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    # PagerDuty tells us of our own write: it was the one that brought the incident back.
    at = (linked.incident.record("I-1").at or NOON) + timedelta(milliseconds=2)
    reopened = FieldSeen(Field.STATUS, Status.ACKNOWLEDGED, US, at, is_reopening=True)
    linked.tell(Side.INCIDENT, "I-1", reopened)
    linked.drain()
    assert linked.incident.record("I-1").status is Status.RESOLVED
    (what,) = whats(seen(linked))
    assert what == "1 incident was reopened by a write of ours in the last day, and resolved again."
    linked.clock.forward(timedelta(hours=25))
    assert whats(seen(linked)) == []


def test_pruning_that_does_not_come_to_its_end_for_days_is_a_finding(linked: World) -> None:
    policy = Policy({})
    assert whats(seen(linked)) == [], "no worker has thought of it yet"
    prune(linked.db, policy, lambda _: False)
    since = linked.clock.now()
    linked.clock.forward(timedelta(days=2))
    assert whats(seen(linked)) == []
    linked.clock.forward(1)
    (what,) = whats(seen(linked))
    assert what == f"Old rows have not been pruned to the end since {since:%Y-%m-%d %H:%M} UTC."
    prune(linked.db, policy, lambda _: False)
    assert whats(seen(linked)) == []


def test_a_legal_hold_is_shown_and_no_finding(linked: World) -> None:
    prune(linked.db, Policy({}), lambda _: False)
    placed = keeping.hold(linked.db, by="Ana", why="Matter 7")
    linked.clock.forward(timedelta(days=100))
    found = seen(linked)
    assert (list(found.legal_holds), whats(found)) == ([placed], [])
    keeping.release(linked.db, None, by="Ben")
    assert list(seen(linked).legal_holds) == []


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_is_silent_is_a_finding(world: World, part: str) -> None:
    others = [one for one in PARTS if one != part]
    beat(world, *others)
    never = condition(world.db)
    assert whats(never) == [f"No {part} is running."]
    beat(world, part)
    world.clock.forward(SILENT_AFTER)
    beat(world, *others)
    silent = condition(world.db)
    assert whats(silent) == [f"No {part} has been seen for a minute."]
    assert "`syncd up`" in silent.findings[0].remedy
    beat(world, part, instance="host:2")
    assert whats(condition(world.db)) == []


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_was_stopped_says_when_and_not_when_another_was_killed(world: World, part: str) -> None:
    others = [one for one in PARTS if one != part]
    beat(world, part, instance="killed")
    world.clock.forward(3_600)
    beat(world, part, *others)
    world.clock.forward(2)
    with world.db.write() as tx:
        stopped = world.db.now(tx)
        heartbeats.end(tx, "host:1", stopped)
    beat(world, *others)
    found = condition(world.db)
    assert (found.part(part).instances, found.part(part).stopped_at) == (0, stopped)
    assert whats(found) == [f"No {part} is running: the last one was stopped at 2026-11-21 13:00:02 UTC."]
    beat(world, part)
    again = condition(world.db)
    assert (again.part(part).instances, again.part(part).stopped_at) == (1, None)


def test_every_instance_of_a_part_is_counted_while_it_is_heard_of(world: World) -> None:
    beat(world, "worker", instance="a:1")
    world.clock.forward(30)
    beat(world, "worker", instance="a:2")
    beat(world, "worker", instance="b:1")
    assert _workers(world) == 3
    world.clock.forward(30)
    assert _workers(world) == 2
    world.clock.forward(heartbeats.KEPT)
    beat(world, "receiver", instance="c:1")
    with world.db.read() as tx:
        assert [one.instance for one in heartbeats.latest(tx)] == ["c:1"], "who is long gone is forgotten"


def _workers(world: World) -> int:
    return next(one.instances for one in condition(world.db).parts if one.part == "worker")


def test_looking_changes_nothing(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "one")
    assert condition(linked.db) == condition(linked.db)
    assert linked.due() != []
