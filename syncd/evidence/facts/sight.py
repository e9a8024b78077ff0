"""What an account's key hides: said by its visibility check, of every dataset that belongs to teams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from syncd.core.diagnostics import Subject
from syncd.core.judging import Answer, Heard, State

from .account import FIELDS, Facts
from .dataset import Dataset, Lack, Missing, Name, Row

UNTOLD = "whether the key sees every team was not told"
#: What PagerDuty shows by team. What somebody gave us, what we keep ourselves, and what the plan has are the same for every key.
BY_TEAM = frozenset(Name) - {Name.ABILITIES, Name.CASES, Name.ROSTER}


class Found(Protocol):
    """What the check came to, as it is kept."""

    @property
    def state(self) -> State: ...
    @property
    def code(self) -> str: ...


def hidden(answers: Mapping[Subject, Answer]) -> Missing | None:
    """What every such dataset lacks by this key. None: it sees all. A key of which nobody could tell may hide something."""
    answer = answers.get(Subject.SIGHT)
    match None if answer is None else answer.heard:
        case Heard.ANSWERED | Heard.NARROW:  # What a token lacks a scope for is refused, and says so by itself.
            return None
        case Heard.PARTIAL:
            return Missing(Lack.HIDDEN)
        case None:
            return Missing(Lack.NOT_YET, needs=UNTOLD)
        case _:
            return Missing(Lack.PERMISSION, needs=UNTOLD)


def hidden_as_found(found: Mapping[Subject, Found]) -> Missing | None:
    """The same of what the last check has left."""
    one = found.get(Subject.SIGHT)
    if one is None:
        return Missing(Lack.NOT_YET, needs=UNTOLD)
    if one.state is State.OK or one.code == "SYN-PAG-READS":
        return None
    if one.code == "SYN-PAG-SIGHT":
        return Missing(Lack.HIDDEN)
    return Missing(Lack.PERMISSION, needs=UNTOLD)


def hidden_as_seen(sights: Sequence[Mapping[str, str]]) -> Missing | None:
    """The same of what was asked before and after a collecting: the least of it counts."""
    lacks = [hidden({Subject.SIGHT: Answer(Heard(one["heard"]), one["said"])}) for one in sights]
    if not lacks:
        return Missing(Lack.NOT_YET, needs=UNTOLD)
    return min((one for one in lacks if one is not None), key=lambda one: one.why is not Lack.HIDDEN, default=None)


def without_what_is_hidden(facts: Facts, lack: Missing | None) -> Facts:
    """Nothing of what belongs to teams is whole any more; a dataset that says so already stays."""
    if lack is None:
        return facts
    fields = {FIELDS[name]: _beside(facts.of(name), lack) for name in BY_TEAM}
    return replace(facts, **fields)  # type: ignore[arg-type]  # each is of its own field


def _beside(dataset: Dataset[Row], lack: Missing) -> Dataset[Row]:
    """What was read stays: only that there may be more is new."""
    return dataset if lack in dataset.missing else replace(dataset, missing=(*dataset.missing, lack))
