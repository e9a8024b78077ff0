"""How a history names what a hook tells, for whoever reads one that ended wrong."""

from __future__ import annotations

from syncd.core.changes import Actor

from .desk import Fact


def told(facts: tuple[Fact, ...]) -> str:
    return "; ".join(
        " ".join(
            str(part)
            for part in (
                getattr(fact, "field", "note"),
                getattr(fact, "value", fact.text),
                fact.note_id,
                "by",
                named(fact.by),
                f"{fact.at:%S.%f}" if fact.at else "",
                "reopening" if getattr(fact, "is_reopening", False) else "",
            )
        )
        for fact in facts
    )


def named(by: Actor) -> str:
    return f"{by.name} (us)" if by.is_us else by.name
