"""Plays the steps one after another: acts, waits until it is seen, and keeps what was seen and how long it took."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import httpx

from syncd.clock import Clock
from syncd.errors import SyncdError

from .steps import Step

LOOK_EVERY = 0.1


@dataclass(frozen=True, slots=True)
class Played:
    step: int
    name: str
    seen: str  # empty: it was not
    missing: str  # what was waited for, and why it did not come
    seconds: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(slots=True)
class Script:
    say: Callable[[str], None]
    clock: Clock = field(default_factory=Clock)
    played: list[Played] = field(default_factory=list)
    is_whole: bool = False  # every step was seen
    is_ending: Callable[[], bool] = field(default=lambda: False)  # whether what is played with goes away already
    _stopped: threading.Event = field(default_factory=threading.Event)

    def stop(self) -> None:
        """From another thread; what is waited for then is not said to be missing."""
        self._stopped.set()

    def play(self, steps: Sequence[Step]) -> None:
        """The first step that is not seen is the last."""
        width = max(len(one.name) for one in steps)
        for number, step in enumerate(steps, start=1):
            played = self._step(number, step)
            if played is None:
                return
            self.played.append(played)
            self.say(f"{number:>2}/{len(steps)}  {step.name:<{width}}  {played.seconds:>5.1f} s  {_told(played)}")
            if not played.seen:
                return
        self.is_whole = True

    def _step(self, number: int, step: Step) -> Played | None:
        begun = self.clock.monotonic()
        seen, missing = "", ""
        try:
            step.act()
            seen = self._wait(step, begun + step.within)
        except (SyncdError, httpx.HTTPError, LookupError, ValueError) as error:
            missing = str(error).partition("\n")[0] or type(error).__name__
        if not seen and (self._stopped.is_set() or self.is_ending()):
            return None
        if not seen:
            missing = f"{step.awaited} ({missing or f'not within {step.within:.0f} s'})"
        return Played(number, step.name, seen, missing, round(self.clock.monotonic() - begun, 1))

    def _wait(self, step: Step, until: float) -> str:
        while not self._stopped.is_set():
            seen = step.seen()
            if seen or self.clock.monotonic() > until:
                return seen
            self._stopped.wait(LOOK_EVERY)
        return ""


def _told(played: Played) -> str:
    return played.seen or f"NOT SEEN: {played.missing}"
