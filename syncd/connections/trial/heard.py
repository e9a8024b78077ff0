"""What this daemon's own door heard of the trial's incident: whether webhooks come, how fast, and what they call a note."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from syncd.connections.joining.setup import Setup
from syncd.core.changes import NoteSeen
from syncd.store import hook_secrets, inflow
from syncd.store.inflow import Told
from syncd.systems.pagerduty import events

from .finding import Finding, Verdict, judged, settled

WITHIN = 30.0  # seconds
_LOOKS_EVERY = 0.5
_WANTED = frozenset({"incident.triggered", "incident.acknowledged", "incident.annotated", "incident.resolved"})


def findings(
    setup: Setup, slug: str, ref: str, notes: Sequence[str], rest: Callable[[float], None]
) -> Iterator[Finding]:
    """`notes`: the ids that PagerDuty's answers gave."""
    with setup.db.read() as tx:
        has_door = bool(hook_secrets.listing(tx, slug))
    if not has_door:
        says = f"No webhook: whether events come was not tried. One is made by `syncd integrations webhook {slug} --create`."
        yield Finding("webhooks", Verdict.NOT_TRIED, says)
        return
    told = _waited_for(setup, slug, ref, rest)
    came = {one.event_type for one in told}
    missing = ", ".join(sorted(_WANTED - came))
    yield judged(
        "webhooks",
        f"All {len(_WANTED)} kinds of events that syncd needs came within {WITHIN:.0f} s.",
        is_so=not missing,
        else_says=f"Within {WITHIN:.0f} s no {missing} came; `syncd status` says how the webhook is.",
    )
    if named := _note_ids(told):
        does_match = named <= set(notes)
        says = "has the id that its answer gave" if does_match else "has another id than its answer gave"
        yield settled("webhooks", "note_ids_match", does_match, f"A note in a webhook {says}.")


def _waited_for(setup: Setup, slug: str, ref: str, rest: Callable[[float], None]) -> list[Told]:
    until = setup.clock.monotonic() + WITHIN
    while True:
        with setup.db.read() as tx:
            told = inflow.told_of(tx, slug, ref)
        if {one.event_type for one in told} >= _WANTED or setup.clock.monotonic() >= until:
            return told
        rest(_LOOKS_EVERY)


def _note_ids(told: Sequence[Told]) -> set[str]:
    seen = [one for it in told if it.body for one in events.parse(it.body, "").seen]
    return {one.note_id for one in seen if isinstance(one, NoteSeen)}
