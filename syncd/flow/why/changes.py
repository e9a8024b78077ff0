"""The changes of one link that did not arrive, or not yet: from its errands, its rows, and hooks nobody has looked at."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from syncd.core.changes import Field, Side, Verb
from syncd.core.errand import FIELD_OF_WISH, ErrandKind
from syncd.core.lifecycle import ErrandState
from syncd.core.link import Link
from syncd.core.policy import Rules
from syncd.core.reasons import SAYS_NOTHING, Outcome, Reason
from syncd.core.why.facts import Change, Stage
from syncd.core.why.placed import PLACES
from syncd.flow.status.parts import SILENT_AFTER
from syncd.store import deliveries, outcomes, traces
from syncd.store.database import Tx
from syncd.store.outcomes import Became
from syncd.store.replay import Dealt
from syncd.store.traces import Trace

from . import replays

_LOOKED_AT = 200  # rows; what is older has been told by its errands
_STAGES = {
    ErrandState.WAITING: Stage.WAITING,
    ErrandState.SENDING: Stage.SENDING,
    ErrandState.HELD: Stage.HELD,
    ErrandState.DEAD: Stage.DEAD,
}
_TOPICS = {
    Verb.PRIORITISE: "priority",
    Verb.RESOLUTION_NOTE: "resolution_note",
    Verb.NOTE: "comment",
    Verb.LINK: "link",
}
#: No row is left of what came of it, or none was needed.
_DECIDED_ANEW = (
    "It was decided anew since then, so that there is nothing to replay; ask for its link, which says how it stands."
)
_SETTLES = frozenset({Outcome.APPLIED, Outcome.IGNORED, Outcome.SUPPRESSED})


def of_link(tx: Tx, link_id: int, link: Link, now: datetime, rules: Rules) -> list[Change]:
    """The head of each lane, with those behind it counted, what came to nothing, and what was decided not to be carried over."""
    became = outcomes.of_link(tx, link_id)
    heads = [lane[0] for side in Side if (lane := _lane(became, side, now))]
    ended = [of_errand(one, now) for one in _undone(became)]
    rows = deliveries.find(tx, {"link_id": link_id}, limit=_LOOKED_AT)
    return [*heads, *ended, *unplanned(tx, link, now), *_kept_back(rows, ended, _agreed(link, rules))]


def of_delivery(tx: Tx, row: Mapping[str, Any], now: datetime) -> Change:
    """What has become of its change since, if anything was to be written for it; also by a replay."""
    last = replays.newest(tx, row)
    if last.hook is not None:
        return of_hook(tx, last.hook, _came_from(row), now)
    if last.errand_id is None or last.link is None or (last.errand is None and last.row["action"] == deliveries.LOOK):
        return of_row(last.row)
    became = outcomes.of_link(tx, last.link)
    mine = next((one for one in became if one.stored.id == last.errand_id), None)
    if mine is None:
        return of_row(last.row)
    if mine.is_live:
        lane = _lane(became, mine.stored.errand.side, now)
        return next(one for one in lane if one.errand == mine.stored.id)
    if mine.dealt_with == Dealt.REPLAYED:
        return replace(of_errand(mine, now), stage=Stage.DECIDED, reason=Reason.SUPERSEDED, detail=_DECIDED_ANEW)
    return of_errand(mine, now)


def of_row(row: Mapping[str, Any]) -> Change:
    return Change(
        what=row["change"],
        to=_came_from(row).other,
        stage=Stage.DECIDED,
        outcome=Outcome(row["outcome"]),
        reason=Reason(row["reason"]),
        detail=row["detail"],
        delivery=row["id"],
        attempt=row["attempt"],
        errand=row["errand_id"],
    )


def _came_from(row: Mapping[str, Any]) -> Side:
    return next(side for side in Side if deliveries.direction(side) == row["direction"])


def of_errand(one: Became, now: datetime) -> Change:
    errand = one.stored.errand
    held = Reason(one.held_reason) if one.held_reason else None
    reason = held or (Reason(one.reason) if one.reason else None)
    return Change(
        what=errand.change,
        to=errand.side,
        stage=_STAGES.get(one.state, Stage.DECIDED),
        kind=errand.kind,
        outcome=Outcome(one.outcome) if one.outcome else None,
        reason=Reason.PARKED if one.dealt_with == Dealt.PARKED else reason,
        detail=one.detail,
        delivery=one.delivery,
        attempt=errand.attempt,
        next_at=one.next_at,
        http_status=one.http_status,
        errand=one.stored.id,
        is_overdue=one.state is ErrandState.WAITING and _is_overdue(one.next_at, now),
        is_put_off=_is_put_off(one, now),
        is_handled=bool(one.dealt_with),
    )


def _is_put_off(one: Became, now: datetime) -> bool:
    """Nothing was sent yet: whoever has paid for no request puts it off for as long as the budget says."""
    is_unsent = one.state is ErrandState.WAITING and not one.stored.errand.attempt and not one.stored.errand.is_doubtful
    return is_unsent and one.next_at is not None and one.next_at > now


def _is_overdue(at: datetime | None, now: datetime) -> bool:
    return at is not None and now - at >= SILENT_AFTER


def _lane(became: Sequence[Became], side: Side, now: datetime) -> list[Change]:
    """Those that still wait, in the order they go out. An opening goes ahead of what was kept for it."""
    live = [one for one in became if one.is_live and one.stored.errand.side is side]
    ordered = sorted(live, key=lambda one: (one.kind is not ErrandKind.OPEN, one.stored.id))
    waiting = [of_errand(one, now) for one in ordered]
    if not waiting:
        return []
    head = replace(waiting[0], behind=len(waiting) - 1)
    return [head, *(replace(one, ahead=head) for one in waiting[1:])]


def _undone(became: Sequence[Became]) -> Iterable[Became]:
    """Of a field only its last write says why it stands as it does."""
    last = {one.kind: one.stored.id for one in became if one.kind in FIELD_OF_WISH}
    return (one for one in became if one.is_undone and last.get(one.kind, one.stored.id) == one.stored.id)


def unplanned(tx: Tx, link: Link, now: datetime) -> list[Change]:
    """The oldest of each side: those behind it wait for it."""
    found = []
    for side in Side:
        waiting = [one for one in traces.unplanned(tx, link.ref(side)) if one.source == link.system(side)]
        found += [of_hook(tx, one, side, now) for one in waiting[:1]]
    return found


def of_hook(tx: Tx, hook: Trace, side: Side, now: datetime) -> Change:
    last = deliveries.find(tx, _of_record(hook, side), limit=1) if hook.attempt else []
    return Change(
        what=hook.event_type or "hook",
        to=side.other,
        stage=Stage.HEARD,
        detail=last[0]["detail"] if last else "",
        attempt=hook.attempt,
        next_at=hook.next_at,
        is_overdue=not hook.is_held and _is_overdue(hook.next_at, now),
    )


def _of_record(hook: Trace, side: Side) -> dict[str, object]:
    return {"case_id" if side is Side.CASE else "incident_id": hook.record, "arrival_id": hook.id}


def _agreed(link: Link, rules: Rules) -> set[str]:
    """Fields of which both sides are known to say the same by now, whatever was decided on the way there."""
    both = {field: (link.value(Side.CASE, field), link.value(Side.INCIDENT, field)) for field in Field}
    case, incident = both[Field.PRIORITY]
    agreed = {"priority"} if rules.priorities.means_the_same(case or "", incident or "") else set[str]()
    case, incident = both[Field.STATUS]
    is_in_step = case is not None and case == incident and not link.value(Side.INCIDENT, Field.MERGED_INTO)
    return agreed | ({"status"} if is_in_step or link.is_over else set())


def _kept_back(rows: Sequence[Mapping[str, Any]], ended: Sequence[Change], agreed: Collection[str]) -> list[Change]:
    """Of each topic what was decided last, whichever way it went: where that leaves the two sides apart."""
    told = {one.errand for one in ended}
    seen: set[str] = set()
    found = []
    for row in rows:
        topic = _TOPICS.get(row["change"], "status" if row["change"] in set(Verb) else "")
        if (
            not topic
            or topic in seen
            or Outcome(row["outcome"]) not in _SETTLES
            or Reason(row["reason"]) in SAYS_NOTHING
        ):
            continue
        seen.add(topic)
        is_told = row["errand_id"] is not None and row["errand_id"] in told
        if PLACES[Reason(row["reason"])].is_missed and not (topic in agreed or is_told):
            found.append(of_row(row))
    return found
