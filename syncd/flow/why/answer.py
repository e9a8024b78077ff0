"""`why REF`: what the reference means, what stops it first, who has to act, and how it came so far."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from syncd import errors
from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.core.changes import Side, Verb
from syncd.core.reasons import BEFORE_ITS_LINK, SENTENCES, Outcome, Reason
from syncd.core.why import walk
from syncd.core.why.facts import Change, Compared, Facts, Linked, Stage
from syncd.core.why.gate import Gate
from syncd.core.why.proving import Nobody, Proof, Prover
from syncd.core.why.verdict import Verdict
from syncd.flow.catchup.compare import compare
from syncd.flow.status import writing
from syncd.store import deliveries, integrations, links, traces
from syncd.store.database import Database, Tx
from syncd.store.traces import Trace

from . import changes, gathering, number, path, proven, reference, replays, webhook
from .path import Step
from .reference import Kind, Meaning, Word

_NOBODY = Nobody()


@dataclass(frozen=True, slots=True)
class Answer:
    reference: str
    means: str  # a name that stands for nothing else
    link: int | None
    case_id: str
    incident_id: str
    delivery: int | None
    verdict: Verdict
    path: Sequence[Step]
    was_compared: bool = False
    proof: Proof | None = None  # evidence has answered, and no change is meant


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks about what: `within` the accounts that a token is for, or all."""

    db: Database
    connect: Callable[[], Connections]  # needs the master key, which only comparing and an incident's number do
    clock: Clock
    within: Collection[str] = ()
    public_url: str = ""  # where hooks come to; empty: nobody has said, and nothing is said of where they are sent
    prover: Prover = _NOBODY  # what evidence knows

    def why(self, given: str, *, is_compared: bool = False) -> Answer:
        word = reference.taken_apart(given)
        try:
            if word.is_of_evidence:
                raise reference.nothing(word)
            with self.db.read() as tx:
                meant = reference.meaning(tx, word, self.within)
        except errors.NotFound as error:
            return self._of_nothing(word, error, is_compared=is_compared)
        return self._answer(word, meant, is_compared=is_compared)

    def _of_nothing(self, word: Word, nothing: errors.NotFound, *, is_compared: bool) -> Answer:
        """No change is known by this word. A number is asked of PagerDuty, and then of evidence, as every other word."""
        if word.is_number:
            try:
                return self._by_number(word, is_compared=is_compared)
            except errors.NotFound as error:
                nothing = error
        proof = proven.of(word, self.prover, self.within)
        if proof is None:
            raise nothing
        return Answer(word.given, proof.means, None, "", "", None, proof.verdict, path.of_log(proof.log), proof=proof)

    def _by_number(self, word: Word, *, is_compared: bool) -> Answer:
        known = number.ask(self.db, self.connect(), self.clock, word.name, self.within)
        if not known.found:
            away = (
                f" ({', '.join(known.unasked)} could not be asked for an incident of that number)"
                if known.unasked
                else ""
            )
            raise reference.nothing(word, away)
        if len(known.found) > 1:
            names = ", ".join(f"incident:{one} in {slug}" for slug, one in known.found)
            raise errors.Conflict(f"{word.given} is the number of several incidents ({names}); name one of them.")
        slug, incident = known.found[0]
        with self.db.read() as tx:
            stored = links.find(tx, slug, Side.INCIDENT, incident)
        if stored is not None:
            return self._answer(word, Meaning(f"link:{stored.id}", stored.id), is_compared=is_compared)
        return self._answer(word, Meaning(f"incident:{incident}", kind=Kind.INCIDENT, record=incident), slug)

    def _answer(self, word: Word, meant: Meaning, source: str = "", *, is_compared: bool = False) -> Answer:
        compared = self._compared(meant.link) if is_compared and meant.is_link and meant.link is not None else None
        with self.db.read() as tx:
            now = self.db.now(tx)
            meant = _since_linked(tx, meant, self.within)
            if meant.link is None:
                return self._of_record(tx, word, meant, source)
            facts = _of_link(tx, meant, now)
            steps = path.of(tx, {"link_id": meant.link}, _waiting(tx, facts), _directions(tx))
        facts = replace(facts, compared=compared, outage=writing.outage(self.db.trouble))
        if compared is not None:
            facts = webhook.seen_today(self.db, self.connect(), self.clock, facts, self.public_url)
        verdict = _with_failure(walk.why(facts), compared)
        return _said(word, meant, facts.link, verdict, steps, was_compared=compared is not None and not compared.failed)

    def _of_record(self, tx: Tx, word: Word, meant: Meaning, source: str) -> Answer:
        """No link is about it: its last row, or the hook that nobody has looked at yet, says why."""
        now = self.db.now(tx)
        column, side = ("case_id", Side.CASE) if meant.kind is Kind.CASE else ("incident_id", Side.INCIDENT)
        mine: dict[str, object] = {column: meant.record}
        waiting: list[Trace] = []
        if meant.delivery is not None:
            mine, rows = {"id": meant.delivery["id"]}, [dict(meant.delivery)]
        else:
            waiting = [
                one for one in traces.unplanned(tx, meant.record) if not self.within or one.source in self.within
            ]
            rows = deliveries.find(tx, mine, limit=1, within=self.within)
        if waiting:
            change, source = changes.of_hook(tx, waiting[0], side, now), waiting[0].source
        elif rows and meant.delivery is not None:
            change, source = changes.of_delivery(tx, rows[0], now), rows[0]["source_system"]
        elif rows:
            last = _opening(tx, rows[0], self.within)
            change, source = changes.of_row(last), last["source_system"]
        else:
            change = _unheard(side)
        facts = gathering.of_record(tx, *_names(meant, rows[0] if rows else {}), source, now)
        facts = replace(facts, outage=writing.outage(self.db.trouble))
        steps = path.of(tx, mine, waiting, _directions(tx), self.within)
        return _said(word, meant, facts.link, walk.unlinked(facts, change), steps)

    def _compared(self, link_id: int) -> Compared:
        try:
            found = compare(self.db, self.connect(), self.clock, link_id)
        except errors.SyncdError as error:
            return Compared(failed=str(error))
        return Compared([one.told for one in found.differences], found.remedy, apart=found.apart)


def _with_failure(verdict: Verdict, compared: Compared | None) -> Verdict:
    """Whoever asked for a comparison and got none is told so, whatever else stops it."""
    if compared is None or not compared.failed or verdict.gate is Gate.IN_STEP:
        return verdict
    return replace(verdict, sentence=f"{verdict.sentence} Both sides could not be compared now: {compared.failed}")


def _since_linked(tx: Tx, meant: Meaning, within: Collection[str]) -> Meaning:
    """What had no link may have one: since it was replayed, since its record's link was opened, or while it is."""
    if meant.link is not None:
        return meant
    if meant.delivery is None:
        return replace(meant, link=_being_opened(tx, meant.record, within)) if meant.kind is Kind.INCIDENT else meant
    last = replays.newest(tx, meant.delivery)
    return replace(meant, link=last.link or _linked_by_now(tx, last.row, within))


def _linked_by_now(tx: Tx, row: Mapping[str, Any], within: Collection[str]) -> int | None:
    if row["reason"] not in BEFORE_ITS_LINK:
        return None
    side = next(one for one in Side if deliveries.direction(one) == row["direction"])
    record = row["case_id"] if side is Side.CASE else row["incident_id"]
    stored = links.find(tx, row["source_system"], side, record) if record else None
    if stored is not None:
        return None if within and stored.link.integration not in within else stored.id
    return _being_opened(tx, record, within) if record and side is Side.INCIDENT else None


def _being_opened(tx: Tx, incident: str, within: Collection[str]) -> int | None:
    """By which link, or by which it was to be, as the hooks say that came before the answer."""
    rows = deliveries.find(tx, {"incident_id": incident, "reason": Reason.OPENING}, within=within)
    return next((int(row["link_id"]) for row in rows if row["link_id"] is not None), None)


def _of_link(tx: Tx, meant: Meaning, now: datetime) -> Facts:
    stored = links.get(tx, meant.link or 0)
    if stored is None:
        raise errors.NotFound(f"There is no link {meant.link}; see `syncd links list`.")
    is_told = meant.delivery is not None and not replays.newest(tx, meant.delivery).is_before_its_link
    about = changes.of_delivery(tx, meant.delivery, now) if meant.delivery is not None and is_told else None
    return gathering.of_link(tx, stored, now, about)


def _opening(tx: Tx, row: dict[str, Any], within: Collection[str]) -> dict[str, Any]:
    """Why there is no incident is said by the row of its opening, and not by what was done to the case afterwards."""
    if row["reason"] != Reason.UNLINKED or not row["case_id"]:
        return row
    opening = deliveries.find(tx, {"case_id": row["case_id"], "change": Verb.OPEN}, limit=1, within=within)
    return opening[0] if opening else row


def _waiting(tx: Tx, facts: Facts) -> list[Trace]:
    """Hooks of either record that nobody has looked at yet."""
    of_both = [
        (facts.accounts.get(Side.CASE), facts.link.case_id),
        (facts.accounts.get(Side.INCIDENT), facts.link.incident_id),
    ]
    return [
        hook
        for account, record in of_both
        for hook in traces.unplanned(tx, record)
        if account is not None and hook.source == account.slug
    ]


def _unheard(side: Side) -> Change:
    """It is there, and no hook of it has ever come in."""
    reason = Reason.UNLINKED if side is Side.INCIDENT else Reason.NO_CONNECTOR
    return Change("open", side.other, Stage.DECIDED, outcome=Outcome.IGNORED, reason=reason, detail=SENTENCES[reason])


def _names(meant: Meaning, row: Mapping[str, Any]) -> tuple[str, str]:
    if meant.delivery is not None:
        return row["case_id"], row["incident_id"]
    return (meant.record, "") if meant.kind is Kind.CASE else ("", meant.record)


def _directions(tx: Tx) -> dict[str, str]:
    return {slug: deliveries.direction(one.side) for slug, one in integrations.all_of(tx).items()}


def _said(
    word: Word, meant: Meaning, link: Linked, verdict: Verdict, steps: Sequence[Step], *, was_compared: bool = False
) -> Answer:
    delivery = None if meant.delivery is None else int(meant.delivery["id"])
    return Answer(
        word.given, meant.name, meant.link, link.case_id, link.incident_id, delivery, verdict, steps, was_compared
    )
