"""An account that acts as the person: in whose names is written, what that falls back to, and what comes back of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from syncd.core.changes import Actor, Field, Side, Status
from syncd.core.lifecycle import IntegrationState
from syncd.core.shard import shard_of
from syncd.flow.attempt import Attempted, NotBegun
from syncd.flow.authors import NOT_FOUND_FOR
from syncd.flow.catchup import reconcile, restoring
from syncd.simulator import BOT_EMAIL
from syncd.store import arrivals, authors, integrations, removal
from syncd.store.arrivals import NewArrival
from syncd.store.integrations import ACT_AS, PERSON, SELF
from syncd.systems.trip import Trip
from tests.flow.simulated import Simulated, connected
from tests.flow.world import LANDED, PAGERDUTY, World

ANA = Actor("Ana", email="ANA.LIMA@example.com")
STRANGER = Actor("Zoe", email="zoe@example.com")
NOTES = ("POST", "/incidents/*/notes")
WORDS = "Ana (case): Rolling back."


class Scene(Simulated):
    """Hooks are carried by hand."""

    def carry(self) -> None:
        """What PagerDuty has to tell, in its order."""
        for one in self.sim.courier.take():
            now = self.world.clock.now()
            row = NewArrival(
                PAGERDUTY, one.event_id, one.event_type, one.resource, one.body, now, shard_of(one.resource)
            )
            with self.world.db.write() as tx:
                arrivals.add_many(tx, [row])

    def quiet(self) -> None:
        self.world.drain()
        self.carry()
        self.world.drain()

    def act(self, name: Field, value: str, by: Actor = ANA) -> None:
        """Not in the second of what was before it: then no times tell which came first."""
        self.world.clock.forward(10)
        self.world.act(Side.CASE, "C-1", name, value, by)

    def comment(self, by: Actor = ANA) -> None:
        self.world.comment(Side.CASE, "C-1", "Rolling back.", by)

    def searches(self) -> int:
        return sum(
            one.method == "GET" and one.target.partition("?")[0] == "/users" for one in self.sim.journal.requests
        )

    def signed(self) -> list[str]:
        """In whose names the incident was written to since it was opened."""
        return [str(entry.agent["summary"]) for entry in self.incident.log[1:] if entry.agent]

    def switch(self, word: str) -> None:
        settings = {ACT_AS: word}
        with self.world.db.write() as tx:
            integrations.configure(tx, PAGERDUTY, settings)
        self.speaks_as(settings)


@pytest.fixture
def scene(world: World) -> Iterator[Scene]:
    with connected(world, world.clock) as sim:
        sim.carriage.hold = True
        sim.people.subscribe("http://syncd.test/hooks/pagerduty")
        made = Scene(world, sim)
        made.switch(PERSON)
        made.open_case()
        made.quiet()
        world.forget()
        yield made


def test_what_a_person_does_on_the_case_is_done_in_their_name_and_goes_no_further(scene: Scene) -> None:
    scene.act(Field.STATUS, Status.ACKNOWLEDGED)
    scene.quiet()
    scene.comment()
    scene.quiet()
    assert scene.signed() == ["Ana Lima", "Ana Lima"]
    assert scene.incident.notes[0].content == WORDS
    assert (scene.world.case.writes(), scene.world.case.texts("C-1")) == ([], ["Rolling back."])
    assert scene.world.said() == [
        ("acknowledge", "applied", "changed"),
        ("acknowledge", "suppressed", "echo"),
        ("comment", "applied", "noted"),
        ("comment", "suppressed", "echo"),
    ]
    assert scene.world.rows()[-2]["detail"].endswith("It went out in the name of Ana Lima (ana.lima@example.com).")
    assert (
        scene.searches() == 2
    )  # By the address, which it does not look at, and by the name. Not once more for the comment.


def test_an_incident_is_opened_in_the_name_of_whoever_opened_the_case(scene: Scene) -> None:
    scene.world.ask_for_incident("C-2", by=ANA)
    scene.quiet()
    opened = scene.sim.people.find(scene.world.link("C-2").link.incident_id)
    assert opened.log[0].agent is not None
    assert opened.log[0].agent["summary"] == "Ana Lima"


def test_who_has_no_user_there_is_asked_about_once_an_hour_and_our_own_name_stands_in(scene: Scene) -> None:
    for _ in range(2):
        scene.comment(STRANGER)
        scene.quiet()
    asked = scene.searches()
    scene.world.wait(NOT_FOUND_FOR)
    scene.comment(STRANGER)
    scene.quiet()
    assert scene.searches() == 2 * asked
    assert scene.signed() == ["syncd bot"] * 3
    assert "since PagerDuty shows no user with the address zoe@example.com." in scene.world.rows()[-2]["detail"]


def test_who_may_not_respond_is_not_tried(scene: Scene) -> None:
    scene.sim.people.set_role("Ana Lima", "read_only_user")
    scene.comment()
    scene.quiet()
    assert scene.signed() == ["syncd bot"]
    assert "may not respond to incidents in PagerDuty (read_only_user)." in scene.world.rows()[-2]["detail"]


@pytest.mark.parametrize("status", [400, 403])
def test_who_is_refused_is_not_tried_again_and_the_account_stays(scene: Scene, status: int) -> None:
    scene.act(Field.STATUS, Status.ACKNOWLEDGED)
    scene.quiet()
    scene.sim.switches.requester_refused_status = status
    scene.sim.people.set_role("Ana Lima", "observer")
    scene.comment()
    scene.quiet()
    refused = scene.world.rows()[-2]
    scene.act(Field.PRIORITY, "P1")
    scene.quiet()
    assert scene.signed() == ["Ana Lima", "syncd bot", "syncd bot"]
    assert (refused["outcome"], refused["http_status"]) == ("applied", 201)
    assert "in our own name, since PagerDuty refused that of Ana Lima: PagerDuty answered" in refused["detail"]
    assert [line["status"] for line in refused["request"]["before"]] == [status]
    assert {line["method"] for line in scene.world.rows()[-2]["request"]["before"]} == {"GET"}
    assert scene.world.account(Side.INCIDENT).state is IntegrationState.CONNECTED


def test_one_that_is_forbidden_here_alone_is_tried_with_the_next(scene: Scene) -> None:
    scene.lay(NOTES, status=403, code=2018)
    for _ in range(2):
        scene.comment()
        scene.quiet()
    assert scene.signed() == ["syncd bot", "Ana Lima"]


def test_our_own_user_refused_disconnects_as_ever(scene: Scene) -> None:
    scene.sim.people.set_role(BOT_EMAIL, "observer")
    scene.comment(STRANGER)
    scene.quiet()
    assert scene.world.account(Side.INCIDENT).code == "SYN-PAG-SENDER"
    assert scene.incident.notes == []


def test_who_cannot_be_looked_up_is_not_waited_for(scene: Scene) -> None:
    scene.lay(("GET", "/users"), status=503)
    scene.comment()
    scene.quiet()
    scene.world.clock.forward(timedelta(minutes=2))
    scene.comment()
    scene.quiet()
    assert scene.signed() == ["syncd bot", "Ana Lima"]
    assert "could not be asked" in scene.world.rows()[-4]["detail"]


def test_a_note_that_landed_in_a_persons_name_is_found_by_whoever_repeats_it_in_ours(scene: Scene) -> None:
    scene.lay(NOTES, status=502, applied=True)
    scene.comment()
    scene.world.drain()
    assert scene.world.last()["reason"] == "ambiguous"
    scene.sim.people.set_role("Ana Lima", "observer")
    scene.switch(SELF)
    scene.world.wait(LANDED)
    scene.quiet()
    assert [note.content for note in scene.incident.notes] == [WORDS]
    assert scene.world.case.texts("C-1") == ["Rolling back."]


def test_the_hook_of_a_note_under_way_is_known_by_its_words_and_whose_name_they_are_in(scene: Scene) -> None:
    scene.lay(NOTES, status=502, applied=True)
    scene.comment()
    scene.quiet()
    assert scene.world.said()[-1] == ("comment", "suppressed", "echo")
    scene.sim.people.note(scene.incident.id, "On it myself.", "Ana Lima")
    scene.quiet()
    scene.world.wait(LANDED)
    scene.quiet()
    assert len(scene.incident.notes) == 2
    assert scene.world.case.texts("C-1") == ["Rolling back.", "On it myself."]


def test_an_echo_of_what_was_wanted_before_does_not_beat_what_the_same_person_wants_now(scene: Scene) -> None:
    """PagerDuty wins a priority. The hook of our own write, as of a person, comes before its answer is written down."""
    scene.act(Field.PRIORITY, "P4")
    scene.quiet()
    scene.act(Field.PRIORITY, "P1")
    scene.world.plan()
    (job,) = scene.world.claim()
    answered = scene.world.attempt(job)
    scene.act(Field.PRIORITY, "P3")
    scene.world.plan()
    scene.carry()
    scene.world.plan()
    scene.world.settle(answered)
    scene.quiet()
    assert (scene.world.case.record("C-1").priority, scene.incident.priority_id) == ("P3", "LOW")
    assert scene.world.case.writes() == []


PUT = ("PUT", "/incidents/*")
LATE_S = 8.0


def test_a_reopening_in_a_persons_name_that_crossed_a_resolve_is_made_good(scene: Scene) -> None:
    scene.lay(PUT, cut=True, apply_after_s=LATE_S)
    scene.act(Field.STATUS, Status.ACKNOWLEDGED)
    scene.world.drain()
    scene.sim.people.resolve(scene.incident.id, "Ben Osei")
    scene.world.clock.forward(LATE_S)
    scene.sim.door.catch_up()
    assert scene.incident.status == "acknowledged"
    scene.quiet()
    scene.world.wait(LANDED)
    scene.quiet()
    assert (scene.incident.status, scene.world.case.record("C-1").status) == ("resolved", Status.RESOLVED)
    assert "reopened_by_us" in {row["reason"] for row in scene.world.rows()}


def test_what_the_person_does_over_there_themselves_is_theirs(scene: Scene) -> None:
    """The very same as was written in her name, a minute ago."""
    scene.act(Field.STATUS, Status.ACKNOWLEDGED)
    scene.quiet()
    scene.sim.people.resolve(scene.incident.id, "Ben Osei")
    scene.world.clock.forward(60)
    scene.sim.people.reopen(scene.incident.id, "Ana Lima", "acknowledged")
    scene.quiet()
    assert scene.incident.status == "acknowledged"
    assert "reopened_by_us" not in {row["reason"] for row in scene.world.rows()}


@pytest.mark.parametrize("fault", [{"status": 400}, {"status": 403}, {"status": 404}, {"status": 429}])
def test_what_was_refused_in_a_persons_name_is_theirs_when_they_do_it_later(
    scene: Scene, fault: dict[str, object]
) -> None:
    scene.lay(PUT, count=0, **fault)
    scene.act(Field.STATUS, Status.ACKNOWLEDGED)
    scene.world.drain()
    scene.sim.faults.clear()
    _resolved_and_reopened(scene)
    assert scene.incident.status == "acknowledged"
    assert "reopened_by_us" not in {row["reason"] for row in scene.world.rows()}


def test_what_was_never_written_in_a_persons_name_is_theirs_when_they_do_it_later(scene: Scene) -> None:
    """Nobody knows what came of the one attempt, and then there was nothing left to write."""
    scene.lay(PUT, count=0, status=503)
    scene.act(Field.STATUS, Status.ACKNOWLEDGED)
    scene.world.drain()
    scene.sim.faults.clear()
    _resolved_and_reopened(scene)
    assert scene.incident.status == "acknowledged"
    assert scene.world.case.record("C-1").status == Status.ACKNOWLEDGED
    assert "reopened_by_us" not in {row["reason"] for row in scene.world.rows()}


def _resolved_and_reopened(scene: Scene) -> None:
    """By Ben, and two hours later by Ana: as acknowledged, what was to be written in her name before."""
    scene.sim.people.resolve(scene.incident.id, "Ben Osei")
    scene.quiet()
    scene.world.wait(timedelta(hours=2))
    scene.sim.people.reopen(scene.incident.id, "Ana Lima", "acknowledged")
    scene.quiet()
    scene.world.wait(LANDED)
    scene.quiet()


def test_one_that_was_not_begun_is_begun_again_in_the_same_name(scene: Scene) -> None:
    scene.comment()
    scene.quiet()  # It is known who Ana is over there.
    scene.act(Field.STATUS, Status.ACKNOWLEDGED)
    scene.world.plan()
    (job,) = scene.world.claim()
    scene.world.settle(Attempted(job, NotBegun(), Trip.begin("late", scene.world.clock.monotonic)))
    scene.quiet()
    assert scene.signed() == ["Ana Lima", "Ana Lima"]


def test_what_comes_back_after_it_was_switched_off_is_still_ours(scene: Scene) -> None:
    scene.comment()
    scene.world.drain()
    scene.act(Field.STATUS, Status.ACKNOWLEDGED)
    scene.world.drain()
    scene.switch(SELF)
    scene.quiet()
    scene.act(Field.PRIORITY, "P1")
    scene.quiet()
    assert scene.signed() == ["Ana Lima", "Ana Lima", "syncd bot"]
    assert (scene.world.case.writes(), scene.world.case.texts("C-1")) == ([], ["Rolling back."])


def test_words_of_our_own_are_said_in_our_own_name(scene: Scene) -> None:
    scene.act(Field.STATUS, Status.CLOSED)
    scene.quiet()
    assert scene.signed() == ["syncd bot"]
    assert "It went out" not in scene.world.rows()[-2]["detail"]


def _restored(scene: Scene, since: datetime) -> None:
    """From a backup of then, fifty minutes after the daemon that was lost did its last."""
    world = scene.world
    with world.db.write() as tx:
        tx.execute(text("UPDATE integrations SET sealed = :some"), {"some": b"x"})
    for side in Side:
        ((_, *made_of), system) = world.connections._systems[world.slug(side)]
        world.connections._systems[world.slug(side)] = ((b"x", *made_of), system)  # type: ignore[assignment]
    world.clock.forward(3000)
    restoring.restored(world.db, by="Eve", since=since)
    worker = reconcile.Worker(world.db, world.connections, world.clock, world.crew.wake, lambda _: False)
    while reconcile.work(worker):
        pass
    for _ in range(4):
        world.wait(LANDED)
        scene.quiet()


def test_what_a_restored_backup_has_forgotten_is_said_once_on_each_side(scene: Scene) -> None:
    since = scene.world.clock.now()
    scene.world.clock.forward(600)
    scene.world.case.note("C-1", "Rolling back.", ANA)
    scene.sim.people.note(scene.incident.id, WORDS, "Ana Lima")  # By the daemon that was lost.
    scene.sim.courier.take()
    _restored(scene, since)
    assert [note.content for note in scene.incident.notes] == [WORDS]
    assert scene.world.case.texts("C-1") == ["Rolling back."]


def test_what_is_known_of_people_goes_with_their_account(scene: Scene) -> None:
    scene.comment()
    scene.quiet()
    with scene.world.db.write() as tx:
        assert [one.email for one in authors.since(tx, PAGERDUTY, scene.world.clock.now() - timedelta(days=1))]
        removal.forget(tx, PAGERDUTY)
        assert authors.since(tx, PAGERDUTY, scene.world.clock.now() - timedelta(days=1)) == []
