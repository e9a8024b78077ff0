"""Asking why, of a world that runs."""

from __future__ import annotations

from collections.abc import Collection

from syncd.core.why.gate import Gate
from syncd.core.why.verdict import Verdict
from syncd.flow.why.answer import Answer, Asker
from tests.flow.world import World


def ask(world: World, reference: str = "C-1", *, compare: bool = False, within: Collection[str] = ()) -> Answer:
    asker = Asker(world.db, lambda: world.connections, world.clock, within)
    return asker.why(reference, is_compared=compare)


def stopped(world: World, reference: str = "C-1", *, at: Gate, code: str = "", compare: bool = False) -> Verdict:
    """By this gate, and nothing before it."""
    verdict = ask(world, reference, compare=compare).verdict
    assert (verdict.gate, verdict.stops, verdict.code) == (at, True, code), verdict.sentence
    return verdict


def last(world: World, reason: str) -> str:
    """The delivery that was decided for this reason last."""
    return str(next(row["id"] for row in reversed(world.rows()) if row["reason"] == reason))
