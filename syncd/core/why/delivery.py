"""Gate 10 and what was decided before it: the write itself, or the reason why there is none."""

from __future__ import annotations

from dataclasses import replace
from shlex import quote

from syncd.core.alert import SOURCE
from syncd.core.changes import Side
from syncd.core.reasons import NO_ALERT, NO_INCIDENT, SENTENCES, Reason
from syncd.errors import cause_of

from .facts import CASE_MISSING, FAR_MISSING, Account, Change, Facts, Stage, Way
from .gate import Gate
from .hooks import worker_is_missing
from .order import told
from .placed import PLACES, Place
from .setting import by_setting
from .verdict import Act, Verdict, Who

NETWORK, TLS, TROUBLE, DESK = "SYN-PAG-NETWORK", "SYN-PAG-TLS", "SYN-PAG-TROUBLE", "SYN-CASE-SYSTEM"
_MAPPED_NOW = Place(
    Gate.MAPPED,
    Who.YOU,
    "`syncd deliveries replay {delivery} --yes` carries it over; so does the next look at its record, by itself.",
)
_BY_HAND = Place(
    Gate.MAPPED,
    Who.YOU,
    "Set a priority there again, or the one that is wanted on the other side by hand: no map can name none.",
)
_NOTHING_LEFT = frozenset({Reason.NOT_NEEDED, Reason.IN_STEP, Reason.UNCHANGED, Reason.AGREED})
_CANNOT_BE_MADE = frozenset({Reason.UNREACHABLE, Reason.AMBIGUOUS})


def delivered(facts: Facts, way: Way) -> Verdict | None:
    change = way.change
    if change is None or change.stage in {Stage.HEARD, Stage.DECIDED}:
        return None
    if change.stage is Stage.DEAD:
        return _refused(facts, change)
    if change.is_overdue and facts.no_worker:
        return worker_is_missing(Gate.DELIVERED, f"The {told(change)} waits and nobody sends it: {facts.no_worker}")
    if change.stage is Stage.SENDING:
        said = f"The {told(change)} is being written right now (attempt {change.attempt})."
        return Verdict(Gate.DELIVERED, said, Who.NOBODY, "Ask again in a minute.")
    if change.stage is Stage.HELD and change.reason is not None:
        return decided(facts, change)
    return _retried(facts, change) if change.attempt else _waiting(facts, change)


def _refused(facts: Facts, change: Change) -> Verdict:
    said = change.detail or SENTENCES[change.reason or Reason.REFUSED]
    place = _place(change)
    tries = "at the first try" if change.attempt <= 1 else f"at attempt {change.attempt}"
    sentence = f"The {told(change)} was refused for good {tries}: {cause_of(said)}."
    return _verdict(facts, change, place, sentence)


def _retried(facts: Facts, change: Change) -> Verdict:
    """Tried for as long as it takes, so that there is no last attempt to name."""
    place, to = _place(change), facts.accounts[change.to]
    said = cause_of(change.detail or SENTENCES[change.reason or Reason.UNREACHABLE])
    again = (
        ""
        if change.next_at is None
        else f"; attempt {change.attempt + 1} is made from {change.next_at:%H:%M:%S} UTC on"
    )
    if change.reason is Reason.RATE_LIMITED:
        return _limited(facts, change, to, again)
    sentence = f"Attempt {change.attempt} of the {told(change)} came to nothing: {said}{again}{_queue(change)}."
    if change.reason in _CANNOT_BE_MADE:
        return _unreached(change, place, to, sentence)
    return _verdict(facts, change, place, sentence)


def _rationed(facts: Facts, change: Change, to: Account) -> Verdict:
    """Workers run and leave it. That the budget of its account is spent they alone know, so that it can only be supposed here."""
    sentence = (
        f"The {told(change)} waits for its turn since {change.next_at:%H:%M:%S} UTC, and workers run: where {to.slug} limits how "
        f"often it is asked, that is why; {_queued(facts)} for it, and none is lost."
    )
    remedy = "It goes on by itself; where it still stands in some minutes, see `syncd status`."
    return Verdict(Gate.DELIVERED, sentence, Who.NOBODY, remedy)


def _queued(facts: Facts) -> str:
    return "1 change is queued" if facts.queued == 1 else f"{facts.queued} changes are queued"


def _limited(facts: Facts, change: Change, to: Account, again: str) -> Verdict:
    sentence = (
        f"{to.slug} takes no more requests for now (rate limited){again}; {_queued(facts)} for it, and none is lost."
    )
    code = PLACES[Reason.RATE_LIMITED].code if change.to is Side.INCIDENT else ""
    return Verdict(Gate.DELIVERED, sentence, Who.NOBODY, PLACES[Reason.RATE_LIMITED].remedy, code=code)


def _unreached(change: Change, place: Place, to: Account, sentence: str) -> Verdict:
    """Nobody was there, or somebody who had trouble of their own."""
    if change.to is Side.CASE:
        remedy = f"See that the case system runs, and what it answers: `syncd doctor {to.slug}`; it is tried again by itself."
        return Verdict(Gate.DELIVERED, sentence, Who.YOU, remedy, code=DESK)
    if change.http_status is not None and change.http_status >= 500:
        remedy = "Nothing has to be done here, see status.pagerduty.com; it is tried again by itself."
        return Verdict(Gate.DELIVERED, sentence, Who.PAGERDUTY, remedy, code=TROUBLE)
    if change.reason is Reason.AMBIGUOUS:
        return Verdict(Gate.DELIVERED, sentence, place.who, place.remedy)
    code = TLS if "is not trusted" in change.detail else NETWORK
    return Verdict(Gate.DELIVERED, sentence, place.who, place.remedy, code=code)


def _waiting(facts: Facts, change: Change) -> Verdict:
    to = facts.accounts[change.to]
    if change.is_put_off and change.next_at is not None:
        return _limited(facts, change, to, f"; its turn comes from {change.next_at:%H:%M:%S} UTC on")
    if change.is_overdue and change.next_at is not None:
        return _rationed(facts, change, to)
    said = f"The {told(change)} is on its way, and its turn comes within seconds{_queue(change)}."
    return Verdict(Gate.DELIVERED, said, Who.NOBODY, "Ask again in a minute.")


def _queue(change: Change) -> str:
    if not change.behind:
        return ""
    return (
        "; 1 later change waits behind it" if change.behind == 1 else f"; {change.behind} later changes wait behind it"
    )


def unheard(_: Facts, way: Way) -> Verdict | None:
    """Its hook is here, and its record is still to be read; the last gate of what nobody has decided yet."""
    change = way.change
    if change is None or change.stage is not Stage.HEARD:
        return None
    if change.attempt and change.next_at is not None:
        said = (
            f"A hook is here and its record could not be read yet: {cause_of(change.detail or 'no answer.')}; it is read again "
            f"from {change.next_at:%H:%M:%S} UTC on."
        )
        return Verdict(Gate.DELIVERED, said, Who.NOBODY, "It goes on by itself.")
    return Verdict(
        Gate.DELIVERED, "A hook is here and is looked at within seconds.", Who.NOBODY, "Ask again in a minute."
    )


def decided(facts: Facts, change: Change) -> Verdict:
    """Its row says why nothing was written, or that it was."""
    reason = change.reason or Reason.CHANGED
    if reason is Reason.UNLINKED and change.to is Side.INCIDENT:
        return _without_incident(facts)
    place, said = _place(change), change.detail or SENTENCES[reason]
    if reason is Reason.NOT_MAPPED and change.delivery is not None:
        return _unmapped(facts, change, place, said)
    if (kept_back := by_setting(facts, change, said)) is not None:
        return kept_back
    if reason in _NOTHING_LEFT:
        sentence = f"Nothing was written for the {told(change)}: {said[:1].lower()}{said[1:]}"
        return Verdict(Gate.IN_STEP, sentence, stops=False)
    if place.gate is Gate.IN_STEP:
        return Verdict(Gate.IN_STEP, f"The {told(change)} came through: {said}", stops=False)
    return _verdict(facts, change, place, said)


def _without_incident(facts: Facts) -> Verdict:
    """It came from a case; why that has no incident is told of the case. An alert has none, and whoever sends it triggers it first."""
    account = facts.accounts.get(Side.CASE)
    if account is not None and account.slug == SOURCE:
        remedy = "Trigger it first, with the same key, if somebody is to be called: `syncd alerts send`."
        return Verdict(Gate.LINKED, NO_ALERT, Who.NOBODY, remedy)
    case = quote(f"case:{facts.link.case_id}") if facts.link.case_id else ""
    remedy = f"`syncd why {case}` says why, where the case was opened here." if case else ""
    return Verdict(Gate.LINKED, NO_INCIDENT, Who.NOBODY, remedy)


def _verdict(facts: Facts, change: Change, place: Place, sentence: str) -> Verdict:
    target = facts.accounts.get(change.to if change.stage is not Stage.DECIDED else Side.INCIDENT)
    remedy = (place.remedy if change.delivery is not None else place.otherwise or place.remedy).format(
        delivery=change.delivery,
        account="" if target is None else target.slug,
        connector=quote(facts.link.connector),
        link=facts.link.id,
        case=quote(facts.link.case_id),
        pairs=" ".join(map(quote, [*facts.link.pairs, change.pair])),
        missing=" and ".join(one for one in (CASE_MISSING, FAR_MISSING) if one in change.pair.split("=")),
    )
    act, at = _button(facts, change, Verdict(place.gate, sentence, remedy=remedy), target)
    return Verdict(place.gate, sentence, place.who, remedy, act, at, place.code)


def _button(facts: Facts, change: Change, named: Verdict, account: Account | None) -> tuple[Act | None, str]:
    """What the command does that is named first; else where the delivery can be replayed once that is done."""
    slug = "" if account is None else account.slug
    match named.command.split():
        case ["syncd", "integrations", "rotate", *_] if slug:
            return Act.RECONNECT, slug
        case ["syncd", "integrations", "observe", *_] if slug:
            return Act.WRITE_AGAIN, slug
        case ["syncd", "integrations", "two-way", *_] if slug:
            return Act.SWITCH_TWO_WAY, slug
        case ["syncd", "links", "resume", *_] if facts.link.id:
            return Act.RESUME_LINK, str(facts.link.id)
        case _ if change.delivery is not None and "deliveries replay" in named.remedy:
            return Act.REPLAY, str(change.delivery)
        case _:
            return None, ""


def _unmapped(facts: Facts, change: Change, place: Place, said: str) -> Verdict:
    if change.is_cleared:
        return _verdict(facts, change, _BY_HAND, said)
    if change.is_mapped_now:
        return _verdict(facts, change, _MAPPED_NOW, f"{said} By the map of today it has one.")
    found = _verdict(facts, change, place, said)
    return replace(found, act=Act.MAP_PRIORITIES, target=facts.link.connector)


def _place(change: Change) -> Place:
    return PLACES[change.reason or Reason.REFUSED]
