"""The courses that incidents take. Each tells its story and says what came of it."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from syncd.simulator.estate.manifest import Told
from syncd.simulator.estate.story import API, TIMEOUT, Story

MINUTE, HOUR = 60, 3_600
NOTE = "The cause was found and removed"

Plot = Callable[[Story, Random], Told]


def ordinary(story: Story, dice: Random) -> Told:
    """Somebody comes, and mends it; the note is typed as it is resolved, or comes with it by the API."""
    acknowledged, resolved = dice.randint(40, 4 * MINUTE), dice.randint(10 * MINUTE, 3 * HOUR)
    return mended(story, acknowledged, resolved)


def mended(story: Story, acknowledged: int, resolved: int, *, is_noted: bool = True) -> Told:
    story.trigger()
    story.acknowledged(acknowledged)
    return _ended(story, Told(acknowledged, acknowledged, resolved), is_noted=is_noted)


def _ended(story: Story, told: Told, *, is_noted: bool = True) -> Told:
    at, by_api = told.resolved_s or 0, is_noted and story.incident.number % 3 == 0
    if by_api:
        story.resolved(at, channel=API, note=NOTE)
        return Told(told.acknowledged_s, told.waited_s, at, told.reopened, resolved_by="api")
    story.resolved(at)
    if is_noted:
        story.written_up(at + 1)
    return told


def late(story: Story, dice: Random, least: int, most: int) -> Told:
    """Nobody comes until the second person is called."""
    acknowledged = dice.randint(least, most)
    story.trigger()
    story.escalated(least - MINUTE)
    story.acknowledged(acknowledged, 1)
    return _ended(story, Told(acknowledged, acknowledged, acknowledged + dice.randint(MINUTE, HOUR)))


def taken_twice(story: Story, dice: Random) -> Told:
    """A program acknowledges at once; what counts is when a person did."""
    program, person = dice.randint(1, 9), dice.randint(40, 4 * MINUTE)
    story.trigger()
    story.acknowledged(program, 2, API)
    story.acknowledged(person)
    return _ended(story, Told(person, person, person + dice.randint(MINUTE, 2 * HOUR)))


def passing(story: Story, dice: Random) -> Told:
    """It ends before anybody comes: whatever sent it takes it back."""
    resolved = dice.randint(50, 4 * MINUTE)
    story.trigger()
    story.resolved(resolved, story.integration, {**API, "summary": "Recovered"})
    story.written_up(resolved + 30)
    return Told(None, resolved, resolved, resolved_by="api")


def run_out(story: Story, dice: Random) -> Told:
    """Somebody took it and left it: after the service's time it is resolved by itself."""
    acknowledged = dice.randint(40, 4 * MINUTE)
    resolved = acknowledged + 3 * HOUR + dice.randint(0, 20 * MINUTE)
    story.trigger()
    story.acknowledged(acknowledged)
    story.by_time("reach_ack_limit", resolved - MINUTE)
    story.resolved(resolved, story.service, {**TIMEOUT, "summary": "Resolved by timeout"})
    story.written_up(resolved + HOUR)
    return Told(acknowledged, acknowledged, resolved, resolved_by="auto")


def forgotten(story: Story, dice: Random) -> Told:
    """Its acknowledgement runs out, and it is taken again. The first one counts."""
    first, second = dice.randint(40, 4 * MINUTE), 1_800 + dice.randint(5 * MINUTE, 9 * MINUTE)
    story.trigger()
    story.acknowledged(first)
    story.unacknowledged(first + 1_800)
    story.notified(first + 1_801)
    story.acknowledged(second + first)
    return _ended(story, Told(first, first, first + second + dice.randint(MINUTE, HOUR)))


def reopened(story: Story, dice: Random) -> Told:
    acknowledged, resolved = dice.randint(40, 4 * MINUTE), dice.randint(10 * MINUTE, 40 * MINUTE)
    story.trigger()
    story.acknowledged(acknowledged)
    story.resolved(resolved)
    story.reopened(resolved + 10 * MINUTE)
    story.acknowledged(resolved + 12 * MINUTE)
    last = resolved + dice.randint(20 * MINUTE, 90 * MINUTE)
    return _ended(story, Told(acknowledged, acknowledged, last, reopened=1))


def handed_on(story: Story, dice: Random) -> Told:
    """Everything that may stand in a log besides."""
    acknowledged = dice.randint(40, 4 * MINUTE)
    story.trigger()
    story.acknowledged(acknowledged, 0)
    for step, kind in enumerate(("urgency_change", "field_value_change", "custom_field_value_change")):
        story.told(kind, acknowledged + 60 + step)
    story.snoozed(acknowledged + 90, HOUR)
    story.delegated(acknowledged + 120)
    story.noted(acknowledged + 130, "Handed on")
    return _ended(story, Told(acknowledged, acknowledged, acknowledged + dice.randint(10 * MINUTE, 2 * HOUR)))


def merged(story: Story, _dice: Random) -> Told:
    """Into the incident before it, which the one who calls has to name."""
    story.trigger()
    story.resolved(90)
    return Told(None, None, 90, is_merged=True)


def ignored(story: Story, _dice: Random) -> Told:
    """Nobody has come at all."""
    story.trigger()
    story.escalated(1_800)
    story.by_time("repeat_escalation_path", 3_600)
    story.by_time("exhaust_escalation_path", 7_200)
    story.by_time("reach_trigger_limit", 7_260)
    return Told(None, None, None, resolved_by="")


def left_open(story: Story, dice: Random) -> Told:
    acknowledged = dice.randint(40, 4 * MINUTE)
    story.trigger()
    story.acknowledged(acknowledged)
    return Told(acknowledged, acknowledged, None, resolved_by="")


COMMON: tuple[Plot, ...] = (ordinary,) * 10 + (taken_twice, passing, run_out, forgotten, reopened, handed_on, merged)
