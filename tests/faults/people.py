"""People of both sides, who change random records. What they write is numbered, so that its order can be told."""

from __future__ import annotations

from collections.abc import Sequence

from tests.faults.stage import Stage


def people_act(at: Stage, keys: Sequence[str], count: int, *, on_incidents: bool) -> None:
    """So many changes, of all kinds, on random records of both sides."""
    for _ in range(count):
        key = at.dice.choice(keys)
        if on_incidents and at.dice.random() < 0.5:
            _on_incident(at, key)
        else:
            _on_case(at, key)


def _on_case(at: Stage, key: str) -> None:
    match at.dice.randrange(10):
        case 0:
            at.cases.acknowledge(key, at.hand())
        case 1:
            at.cases.set_priority(key, at.hand(), f"P{at.dice.randrange(1, 6)}")
        case _:
            at.said += 1
            at.cases.comment(key, at.hand(), f"case says {at.said}")


def _on_incident(at: Stage, key: str) -> None:
    incident, by = at.incident_of(key), at.hand().name
    match at.dice.randrange(10):
        case 0:
            if at.sim.account.incidents[incident].status == "triggered":
                at.sim.people.acknowledge(incident, by)
        case 1:
            at.sim.people.priority(incident, f"P{at.dice.randrange(1, 6)}", by)
        case _:
            at.said += 1
            at.sim.people.note(incident, f"incident says {at.said}", by)
