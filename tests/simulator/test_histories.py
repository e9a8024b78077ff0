"""Random histories of people and REST writes: what must hold after each, and that a seed repeats them exactly."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import httpx
from hypothesis import given
from hypothesis import strategies as st

from syncd.clock import StoppedClock
from syncd.simulator import Simulator, simulator
from syncd.simulator.asked import Json
from syncd.simulator.refusals import Refused
from tests.simulator.conftest import client

Step = tuple[str, int, str]

WHO = ("Ana Lima", "Ben Osei", "Chidi Park")
REST_STATUSES = ("triggered", "acknowledged", "resolved")
STEPS = st.tuples(
    st.sampled_from(
        [
            "open",
            "acknowledge",
            "unacknowledge",
            "resolve",
            "reopen",
            "note",
            "priority",
            "merge",
            "urgency",
            *REST_STATUSES,
        ]
    ),
    st.integers(0, 5),
    st.sampled_from(WHO),
)


def live(steps: Sequence[Step], seed: int = 7) -> tuple[Simulator, list[Json]]:
    """The simulator afterwards, and every webhook it would have sent."""
    clock = StoppedClock(datetime(2026, 3, 1, 12, tzinfo=UTC))
    sim = simulator(seed=seed, clock=clock)
    sim.carriage.hold = True
    sim.people.subscribe("http://127.0.0.1:1/never")
    with client(sim, sim.keys.full) as rest:
        for step in steps:
            clock.forward(1)
            try:
                _take(sim, rest, *step)
            except Refused:
                continue
    return sim, [json.loads(parcel.body) for parcel in sim.courier.take()]


def _take(sim: Simulator, rest: httpx.Client, act: str, which: int, who: str) -> None:
    people, incidents = sim.people, list(sim.account.incidents)
    if act == "open" or not incidents:
        people.open(f"Incident {which}", who, incident_key=f"key-{which}")
        return
    incident = incidents[which % len(incidents)]
    if act in REST_STATUSES:
        rest.put(f"/incidents/{incident}", json={"incident": {"status": act, "resolution": who}})
        return
    acts: dict[str, Callable[[], object]] = {
        "acknowledge": lambda: people.acknowledge(incident, who) if sim.account.incidents[incident].is_open else None,
        "unacknowledge": lambda: (
            people.unacknowledge(incident) if sim.account.incidents[incident].status == "acknowledged" else None
        ),
        "resolve": lambda: people.resolve(incident, who, "Done" if which % 2 else None),
        "reopen": lambda: people.reopen(incident, who),
        "note": lambda: people.note(incident, f"Note {which}", who),
        "priority": lambda: people.priority(incident, f"P{which % 5 + 1}", who),
        "urgency": lambda: people.urgency(incident, "low" if which % 2 else "high", who),
        "merge": lambda: people.merge(incident, incidents[0], who) if incident != incidents[0] else None,
    }
    acts[act]()


@given(st.lists(STEPS, max_size=25))
def test_what_always_holds(steps: list[Step]) -> None:
    sim, hooks = live(steps)
    for it in sim.account.incidents.values():
        assert (it.status == "resolved") == (it.resolved_at is not None)
        assert not (it.status == "resolved" and it.assigned)
        assert not (it.merged_into and it.is_open)
        assert it.log[0].type == "trigger_log_entry"
        told = [h["event"]["data"] for h in hooks if h["event"]["data"].get("id") == it.id]
        assert told[-1]["status"] == it.status
        noted = [h["event"]["data"]["id"] for h in hooks if h["event"]["data"].get("incident", {}).get("id") == it.id]
        assert noted == [note.id for note in it.notes]
    assert len({hook["event"]["id"] for hook in hooks}) == len(hooks)


@given(st.lists(STEPS.filter(lambda step: step[0] not in ("reopen", "triggered", "acknowledged")), max_size=25))
def test_without_reopening_a_key_is_open_once_for_each_service(steps: list[Step]) -> None:
    sim, _ = live(steps)
    open_keys = [(it.service_id, it.incident_key) for it in sim.account.incidents.values() if it.is_open]
    assert len(open_keys) == len(set(open_keys))


@given(st.lists(STEPS, min_size=1, max_size=12))
def test_a_seed_repeats_everything(steps: list[Step]) -> None:
    one, hooks = live(steps)
    two, again = live(steps)
    assert hooks == again
    assert list(one.account.incidents) == list(two.account.incidents)
    other, _ = live(steps, seed=8)
    assert list(other.account.users) != list(one.account.users)
