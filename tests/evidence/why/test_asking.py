"""What evidence says of a name: by the simulated account's own records, and by every account that may be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from syncd.connections.open import Connections
from syncd.core.changes import Side
from syncd.core.why.proving import Proof, Proving, Thing
from syncd.errors import Conflict, NotFound
from syncd.evidence.facts.account import FIELDS, Facts
from syncd.evidence.facts.dataset import Lack, Missing, Name
from syncd.evidence.kept import facts_of
from syncd.evidence.spans import Span
from syncd.evidence.why.asking import Asking
from syncd.flow.why.answer import Asker
from syncd.store import integrations
from syncd.store.database import Database, Tx
from syncd.store.integrations import EVIDENCE
from tests.evidence.account import GOOD, RULES, dataset, facts, incident, service


@dataclass(slots=True)
class Kept:
    """What is kept of each account, as whoever collects would give it; and what it was asked for."""

    of: Mapping[str, Facts]
    windows: list[Span] = field(default_factory=list)

    def __call__(self, _tx: Tx, slug: str, window: Span, at: datetime) -> Facts:
        self.windows.append(window)
        assert window.start < at < window.end
        return self.of[slug]


def join(db: Database, slug: str, *, is_collected: bool = True) -> None:
    settings = {EVIDENCE: True} if is_collected else {}
    with db.write() as tx:
        now = db.now(tx)
        integrations.add(
            tx,
            slug=slug,
            system="pagerduty",
            side=Side.INCIDENT,
            base_url="http://pagerduty.test",
            settings=settings,
            sealed=None,
            now=now,
        )


def blind(of: Facts, why_not: Lack) -> Facts:
    """Its services, as a key read them that may hide some."""
    return replace(of, services=replace(of.services, missing=(Missing(why_not),)))


def fresh(of: Facts, db: Database) -> Facts:
    """Collected just now, by the clock of the database."""
    with db.read() as tx:
        now = db.now(tx)
    known = {name: replace(of.of(name), collected_at=now) for name in Name}
    return replace(of, **{FIELDS[name]: one for name, one in known.items()})  # type: ignore[arg-type]


@pytest.fixture
def kept(db: Database) -> Kept:
    other = fresh(facts(dataset(Name.SERVICES, service("S9", name="Till"), service("S8"))), db)
    return Kept({"acme": fresh(GOOD, db), "globex": other})


@pytest.fixture
def asking(db: Database, kept: Kept) -> Asking:
    join(db, "acme")
    join(db, "globex")
    return Asking(db, kept, RULES)


def why(asking: Asking, reference: str, within: Sequence[str] = ()) -> Proof:
    asker = Asker(asking.db, _never, asking.db.clock, within, prover=asking)
    proof = asker.why(reference).proof
    assert proof is not None
    return proof


def _never() -> Connections:
    pytest.fail("No far side is asked.")


@pytest.mark.parametrize(
    ("reference", "account", "means"),
    [
        ("service:Till", "globex", "service:S9"),
        ("Search", "acme", "service:S2"),
        ("schedule:SC1 ", "acme", "schedule:SC1"),
        ("https://acme.pagerduty.com/service-directory/S2", "acme", "service:S2"),
        ("https://globex.pagerduty.com/service-directory/S9/activity", "globex", "service:S9"),
        ("https://acme.pagerduty.com/schedules#SC1", "acme", "schedule:SC1"),
        ("https://api.pagerduty.com/v3/schedules/SC1?since=2026", "acme", "schedule:SC1"),
        ("https://acme.pagerduty.com/incidents/I3", "acme", "times:I3"),
        ("times:#3", "acme", "times:I3"),
        ("I3", "acme", "times:I3"),
    ],
)
def test_whatever_it_is_called_by(db: Database, kept: Kept, reference: str, account: str, means: str) -> None:
    join(db, "acme")
    join(db, "globex")
    kept.of = {
        **kept.of,
        "globex": replace(
            kept.of["globex"],
            schedules=dataset(Name.SCHEDULES),
            incidents=Facts().incidents,
            open_incidents=Facts().open_incidents,
        ),
    }
    found = why(Asking(db, kept, RULES), reference)
    assert (found.account, found.means, found.is_found) == (account, means, True)


def test_two_of_one_name_are_named_and_not_guessed_at(asking: Asking) -> None:
    with pytest.raises(Conflict, match=r"\(service:S1 in acme, service:S8 in globex\); name one of them"):
        why(asking, "service:Checkout")
    assert why(asking, "service:Checkout", within=["globex"]).means == "service:S8"


def test_what_is_nowhere_is_answered_by_what_is_known_first(db: Database, kept: Kept) -> None:
    join(db, "acme")
    join(db, "globex")
    hiding = Kept({**kept.of, "globex": blind(kept.of["globex"], Lack.HIDDEN)})
    found = why(Asking(db, hiding, RULES), "service:Payments")
    assert (found.account, found.verdict.gate, found.is_found) == ("globex", Proving.VISIBLE, False)


def test_a_word_that_may_be_anything_is_unknown_where_nobody_knows_it(asking: Asking) -> None:
    for reference in ("Payments", "incident:Q1", "link:7", "CS-1"):
        with pytest.raises(NotFound, match="service:NAME, schedule:NAME or times:INCIDENT"):
            why(asking, reference)


def test_where_no_evidence_is_collected_its_switch_is_named_and_nothing_is_read(db: Database) -> None:
    join(db, "acme", is_collected=False)
    found = why(Asking(db, Kept({}), RULES), "schedule:Checkout L1")
    assert found.verdict.gate is Proving.SWITCHED_ON
    with pytest.raises(NotFound):
        why(Asking(db, Kept({}), RULES), "Checkout L1")


def test_without_an_account_nothing_is_known(db: Database) -> None:
    with pytest.raises(NotFound):
        why(Asking(db, facts_of, RULES), "service:Checkout")


def test_a_key_that_nobody_has_asked_vouches_for_nothing(db: Database, kept: Kept) -> None:
    join(db, "acme")
    untold = Asking(db, Kept({"acme": blind(kept.of["acme"], Lack.UNTOLD)}), RULES)
    found = why(untold, "service:Payments")
    assert (found.verdict.gate, found.verdict.command) == (Proving.VISIBLE, "syncd evidence collect acme")
    assert not why(untold, "service:Checkout").verdict.stops, "of one that is seen that does not matter"


def test_accounts_that_were_not_collected_say_so(db: Database) -> None:
    join(db, "acme")
    for thing in Thing:
        word = "times" if thing is Thing.INCIDENT else thing
        found = why(Asking(db, facts_of, RULES), f"{word}:X")
        assert (found.verdict.gate, found.verdict.command) == (Proving.COLLECTED, "syncd evidence collect acme")


@pytest.mark.parametrize("reference", ["CS-9", "cs-9", "link:7", "delivery:9", "case:Checkout"])
def test_nothing_is_read_for_words_that_are_no_name_of_a_record(asking: Asking, kept: Kept, reference: str) -> None:
    with pytest.raises(NotFound):
        why(asking, reference)
    assert kept.windows == []


def test_an_incident_that_is_older_than_what_is_judged_is_looked_for_in_all_that_is_kept(
    asking: Asking, kept: Kept
) -> None:
    old = incident(77, age=timedelta(days=80))
    everything = {
        slug: replace(of, incidents=replace(of.incidents, rows=(*of.incidents.rows, old)))
        for slug, of in kept.of.items()
    }
    asking = replace(asking, facts_of=Wider(kept, everything))
    found = why(asking, "times:#77", within=["acme"])
    assert (found.means, found.is_found, found.verdict.stops) == ("times:I77", True, False)
    nowhere = why(asking, "times:Q999", within=["acme"])
    assert (nowhere.verdict.gate, "not among the 12 incidents" in nowhere.verdict.sentence) == (Proving.COVERED, True)
    kept.windows.clear()
    why(asking, "times:#3", within=["acme"])
    assert len(kept.windows) == 1, "what is among those that are judged is found without reading the rest"


@dataclass(frozen=True, slots=True)
class Wider:
    """The same, and more of it to whoever asks for more than is judged."""

    kept: Kept
    everything: Mapping[str, Facts]

    def __call__(self, tx: Tx, slug: str, window: Span, at: datetime) -> Facts:
        found = self.kept(tx, slug, window, at)
        return found if window.end - window.start < timedelta(days=100) else self.everything[slug]


def test_it_asks_for_the_time_that_is_judged(asking: Asking, kept: Kept) -> None:
    why(asking, "service:Till")
    assert {(window.end - window.start).days for window in kept.windows} == {60}
