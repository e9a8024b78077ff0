"""The simulator's own webhooks, signed and over a wire, as our system hears them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from syncd.core.changes import NOBODY, Field, FieldSeen, NoteSeen, Status
from syncd.simulator import Simulator
from syncd.simulator.account import Subscription
from syncd.systems.pagerduty.incident import Incidents
from syncd.systems.port import Hint, Hook
from tests.simulator.receiver import Receiver
from tests.systems.trips import trip

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def subscription(sim: Simulator, receiver: Receiver) -> Subscription:
    return sim.people.subscribe(f"{receiver.url}/hooks/pagerduty")


def heard(
    act: Callable[[], object], receiver: Receiver, ours: Incidents, subscription: Subscription, count: int
) -> list[Hint]:
    before = len(receiver.got)
    act()
    hints = []
    for got in receiver.wait_for(before + count)[before:]:
        hook = Hook(got.headers, got.body, AT)
        ours.verify(hook, subscription.secrets)
        assert ours.glance(hook).key == got.event["id"]
        hints.append(ours.parse(hook.body))
    return hints


@pytest.mark.parametrize("note_first", [True, False])
def test_people_at_work(
    sim: Simulator, receiver: Receiver, ours: Incidents, subscription: Subscription, *, note_first: bool
) -> None:
    sim.switches.resolution_note_first = note_first
    people = sim.people
    (opened,) = heard(
        lambda: people.open("Checkout is slow", "Ana Lima", incident_key="case-1"), receiver, ours, subscription, 1
    )
    ref = opened.ref

    def work() -> None:
        people.acknowledge(ref, "Ana Lima")
        people.note(ref, "Looking", "Ben Osei")
        people.priority(ref, "P1", "Ana Lima")
        people.unacknowledge(ref)
        people.resolve(ref, "Ben Osei", "Rolled back")
        people.reopen(ref, "Ana Lima")

    hints = heard(work, receiver, ours, subscription, 7)
    assert {hint.ref for hint in hints} == {ref}
    told = [
        (it.field, it.value, it.by.name, it.is_reopening) if isinstance(it, FieldSeen) else (type(it),)
        for hint in hints
        for it in hint.seen
    ]
    resolved = [
        (Field.STATUS, "resolved", "Ben Osei", False),
        (Field.RESOLUTION_NOTE, "Rolled back", "Ben Osei", False),
    ]
    p1 = next(it.id for it in sim.account.priorities.values() if it.name == "P1")
    assert told == [
        (Field.STATUS, "acknowledged", "Ana Lima", False),
        (NoteSeen,),
        (Field.PRIORITY, p1, "Ana Lima", False),
        (Field.STATUS, "open", "", False),
        *(reversed(resolved) if note_first else resolved),
        (Field.STATUS, "open", "Ana Lima", True),
    ]
    assert opened.incident_key == "case-1"


def test_our_own_writes_are_known_as_ours(
    sim: Simulator, receiver: Receiver, ours: Incidents, subscription: Subscription
) -> None:
    ref = sim.people.open("Checkout is slow", "Ana Lima").id
    receiver.wait_for(1)
    note_ids: list[str] = []

    def write() -> None:
        ours.set_status(trip(), ref, Status.ACKNOWLEDGED, NOBODY, "")
        note_ids.append(ours.add_note(trip(), ref, "Hello", "", "errand-1").note_id)

    status, note = (hint.seen[0] for hint in heard(write, receiver, ours, subscription, 2))
    assert isinstance(note, NoteSeen)
    assert (status.by.is_us, note.by.is_us, [note.note_id]) == (True, True, note_ids)


def test_a_merge_names_the_incident_that_took_over(
    sim: Simulator, receiver: Receiver, ours: Incidents, subscription: Subscription
) -> None:
    ours_one, other = sim.people.open("One").id, sim.people.open("Other").id
    receiver.wait_for(2)
    (hint,) = heard(lambda: sim.people.merge(ours_one, other, "Ana Lima"), receiver, ours, subscription, 1)
    (seen,) = hint.seen
    assert isinstance(seen, FieldSeen)
    assert (hint.ref, seen.field, seen.value) == (ours_one, Field.MERGED_INTO, other)
    record = ours.fetch(trip(), ours_one)
    assert (record.status, record.merged_into) == (Status.RESOLVED, other)


def test_a_trimmed_note_is_found_whole(
    sim: Simulator, receiver: Receiver, ours: Incidents, subscription: Subscription
) -> None:
    ref = sim.people.open("Checkout is slow").id
    receiver.wait_for(1)
    whole = "Resolution Note: " + "long " * 4000
    (hint,) = heard(lambda: sim.people.note(ref, whole, "Ana Lima"), receiver, ours, subscription, 1)
    (seen,) = hint.seen
    assert isinstance(seen, NoteSeen)
    assert seen.is_trimmed
    (note,) = [it for it in ours.notes(trip(), ref) if it.id == seen.note_id]
    told = ours.heard(note)
    assert isinstance(told, FieldSeen)
    assert (told.field, told.text) == (Field.RESOLUTION_NOTE, whole)
