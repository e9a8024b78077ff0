"""One schedule of both sides, the network and crashes, made of one seed: the rules of the Hypothesis machine, without Hypothesis.

Its rules and their words are the machine's own (tests/core/test_convergence.py), so that the two never drift apart;
only the dice are ours, because a million histories have to be told in an hour.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from random import Random
from typing import Any, get_type_hints

from syncd.core.capabilities import Capabilities
from syncd.core.changes import Field, Side
from syncd.core.policy import Policy
from tests.core.desk import Habits
from tests.core.fate import Fate
from tests.core.job import Safeguards
from tests.core.test_convergence import ANN, BOB, HEARD_ORDERS, Disputes, decided, quiet, replayed
from tests.core.world import World

SHORTEST, LONGEST = 20, 80  # acts, hooks, attempts and waits of one history
_FAULTY = 0.5  # how often a step of an attempt is drawn from all fates, and not simply fine
_BETWEEN = 0.4  # how often a person acts between a read and its write
_WAITS = (0.0, 0.002, 0.25, 0.9, 1.0, 3.0, 12.0, 36.0, 61.0)
_DELAYS = (0.0, 0.3, 0.7, 1.0)
_SIDES = tuple(Side)
_FATES = (*Fate, *(Fate.LOST, Fate.LANDED, Fate.LATE) * 3)  # only a step that writes can meet these
_WORDS = ("ok", "looking", "ok")
_EXPLAINED = ("cause found", "ok", "was the disk")
_POLICY: Mapping[str, tuple[Enum, ...]] = {
    name: tuple(kind) for name, kind in get_type_hints(Policy).items() if issubclass(kind, Enum)
}
# What the world says when it happens: counted, so that a history that is too tame cannot hide.
MARKS: Mapping[str, str] = {
    "an answer was lost and the write had landed": "writes: landed",
    "an answer was lost and the write had not landed": "writes: lost",
    "a write landed late": "lands late",
    "a worker died before it read": "gone, before reading",
    "a worker died before it wrote": "gone, before writing",
    "a worker died after it wrote": "gone, after writing",
    "a late worker found its errand taken over": "settled late",
    "a far side could not be read": "could not read",
    "a far side could not be written to": "could not write",
    "a write was refused": "was refused",
    "a hook was lost": "hook dropped",
    "a hook came twice": "hook is known by its event",
    "a hook was older than what was known": "suppressed stale",
    "a note was known as our own": "recognised",
    "a wish had nothing left to do": "withdrawn",
    "a write crossed a resolve": "reopened_by_us",
    "a replay was decided anew": " again: goes on",
    "a replay had nothing left to do": " again: suppressed",
    "a write was only observed": "was only observed",
    "what was only observed was decided anew": "decided anew: goes on",
}

Draw = Callable[[Random], dict[str, Any]]


@dataclass(slots=True)
class Played:
    """What came of one history, or of many."""

    histories: int = 0
    steps: int = 0
    acts: int = 0  # of people, that changed something
    writes: int = 0  # of ours, that landed
    seen: Counter[str] = field(default_factory=Counter)  # rules that did something, marks, policies
    wrong: str = ""
    told: list[str] = field(default_factory=list)  # the whole history, of one that ends wrong or is asked for

    def add(self, other: Played) -> None:
        self.histories += other.histories
        self.steps += other.steps
        self.acts += other.acts
        self.writes += other.writes
        self.seen.update(other.seen)


def play(seed: int, guards: Safeguards | None = None, *, is_told: bool = False) -> Played:
    """The whole history of this seed, and the count at its end."""
    dice = Random(seed)  # noqa: S311  a history that can be repeated
    machine = _machine(dice, guards or Safeguards())
    world, played = machine.world, Played(histories=1)
    try:
        for _ in range(dice.randint(SHORTEST, LONGEST)):
            _step(machine, dice, played)
        quiet(world)
        decided(world, machine.chosen)
        replayed(world)
    except Exception as error:  # noqa: BLE001  whatever it is, the seed has to be named
        played.wrong = str(error) if isinstance(error, AssertionError) else f"{type(error).__name__}: {error}"
    played.acts, played.writes = world.told.acts, sum(world.told.writes.values())
    _count(world, played)
    if played.wrong or is_told:
        played.told = world.history
    return played


def _step(machine: Disputes, dice: Random, played: Played) -> None:
    world = machine.world
    name = _drawn(world, dice)
    before = len(world.history), world.clock.at, len(world.lanes.disconnected)
    getattr(machine, name)(**RULES[name](dice))
    played.steps += 1
    played.seen[name] += before != (len(world.history), world.clock.at, len(world.lanes.disconnected))


def _drawn(world: World, dice: Random) -> str:
    """A rule; more often one of people while a write is about to follow what was read, since that is what is hard."""
    is_between = any(one.has_read and not one.has_written and not one.result for one in world.flights.values())
    return dice.choice(_OF_PEOPLE if is_between and dice.random() < _BETWEEN else _LOTS)


def _count(world: World, played: Played) -> None:
    everything = "\n".join(world.history)
    played.seen.update({name: everything.count(mark) for name, mark in MARKS.items()})
    played.seen.update(f"{one.name} = {getattr(world.rules.policy, one.name)}" for one in fields(Policy))


def _machine(dice: Random, guards: Safeguards) -> Disputes:
    machine = Disputes()
    machine.guards = guards  # type: ignore[misc]
    policy = Policy(**{name: dice.choice(values) for name, values in _POLICY.items()})  # type: ignore[arg-type]
    machine.begin(policy, _habits(dice), dice.random() < 0.5, dice.choice(_SIDES))
    return machine


def _habits(dice: Random) -> dict[Side, Habits]:
    can = Capabilities(
        has_closed=True,
        has_resolution_note=dice.random() < 0.67,
        can_reopen=dice.random() < 0.75,
        can_unacknowledge=dice.random() < 0.75,
        names_authors=dice.random() < 0.5,
    )
    case = Habits(
        can,
        has_whole_seconds=dice.random() < 0.5,
        answers_with_record=dice.random() < 0.5,
        is_closed_terminal=dice.random() < 0.5,
    )
    return {Side.CASE: case, Side.INCIDENT: Habits()}


def _fates(dice: Random) -> list[Fate]:
    """Mostly one step, so that people and hooks come between a read and its write."""
    return [_fate(dice) for _ in range(dice.choice((1, 1, 1, 2, 4)))]


def _fate(dice: Random) -> Fate:
    return dice.choice(_FATES) if dice.random() < _FAULTY else Fate.FINE


def _somebody(dice: Random) -> dict[str, Any]:
    return {"by": dice.choice((ANN, BOB))}


def _somewhere(dice: Random) -> dict[str, Any]:
    return {"side": dice.choice(_SIDES)}


def _of_somebody(dice: Random) -> dict[str, Any]:
    return {**_somewhere(dice), **_somebody(dice)}


# What each rule of the machine is given. A rule that is missing here fails a test.
RULES: dict[str, Draw] = {
    "resolve": lambda dice: {
        **_of_somebody(dice),
        "word": dice.choice(("", "", "cause found", "ok")),
        "is_before": dice.random() < 0.5,
    },
    "acknowledge": _of_somebody,
    "unacknowledge": _of_somebody,
    "reopen": lambda dice: {**_of_somebody(dice), "is_acknowledged": dice.random() < 0.33},
    "close": _somebody,
    "merge": lambda dice: {**_somebody(dice), "into": dice.choice(("M1", "M2"))},
    "prioritise": lambda dice: {**_of_somebody(dice), "which": dice.randrange(6)},
    "note": lambda dice: {**_of_somebody(dice), "word": dice.choice(_WORDS)},
    "note_in_our_name": lambda dice: {**_somewhere(dice), "which": dice.randrange(4)},
    "resolution_note": lambda dice: {**_of_somebody(dice), "word": dice.choice(_EXPLAINED)},
    "both_prioritise": lambda dice: {
        "of_case": dice.randrange(6),
        "of_incident": dice.randrange(6),
        "heard": dice.choice(HEARD_ORDERS),
    },
    "both_explain": lambda dice: {"words": dice.sample(_EXPLAINED, 3), "heard": dice.choice(HEARD_ORDERS)},
    "agree": _somewhere,
    "decide_a_conflict": lambda dice: {
        "chosen": dice.choice(_SIDES),
        **_somebody(dice),
        "field": dice.choice((Field.PRIORITY, Field.RESOLUTION_NOTE)),
    },
    "hook": lambda dice: {**_somewhere(dice), "which": dice.randrange(5)},
    "hook_goes_wrong": lambda dice: {
        **_somewhere(dice),
        "which": dice.randrange(5),
        "is_repeated": dice.random() < 0.5,
    },
    "work": lambda dice: {**_somewhere(dice), "fates": _fates(dice), "delay": dice.choice(_DELAYS)},
    "wait": lambda dice: {"seconds": dice.choice(_WAITS)},
    "look": _somewhere,
    "reconnect": lambda _: {},
    "replay": lambda dice: {"which": dice.randrange(10), "times": dice.choice((1, 1, 2))},
    "hear_again": lambda dice: {"which": dice.randrange(10)},
    "observe": _somewhere,
    "write_again": lambda dice: {**_somewhere(dice), "is_decided": dice.random() < 0.5},
}
_OF_PEOPLE = ("resolve", "resolve", "acknowledge", "unacknowledge", "reopen", "prioritise", "note", "note_in_our_name")
_OFTEN = {
    "work": 14,
    "hook": 5,
    "close": 1,
    "merge": 1,
    "observe": 1,
}  # the end of a case and of an incident make the rest tame
_LOTS = tuple(name for name in RULES for _ in range(_OFTEN.get(name, 2)))
