"""After a judging cases are brought in step with what was found; nothing is opened where nobody wants cases."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from syncd.evidence.casework.after import Casework
from syncd.evidence.casework.step import Act
from syncd.evidence.facts.account import Facts
from syncd.evidence.facts.dataset import Lack, Missing, Name
from syncd.evidence.findings.judging import Acceptance, findings
from syncd.evidence.rules.values import Rules
from syncd.store import integrations
from syncd.store.cases import Cases
from syncd.store.database import Database
from syncd.store.integrations import EVIDENCE
from tests.evidence.account import RULES, dataset, facts, service
from tests.store.payments import add_payments

CHOSEN = replace(RULES, open_cases=("SVC-03",))


@dataclass(slots=True)
class Kept:
    services: tuple[str, ...] = ()  # those without a team
    accepted: list[Acceptance] = field(default_factory=list)
    hidden: tuple[Missing, ...] = ()

    def facts_of(self, at: datetime) -> Facts:
        made = [service(one, teams=() if one in self.services else ("T1",)) for one in ("S1", "S2")]
        of = facts(dataset(Name.SERVICES, *made))
        return replace(
            of,
            services=replace(of.services, collected_at=at, missing=self.hidden),
            abilities=replace(of.abilities, collected_at=at),
        )


@pytest.fixture
def cases(db: Database) -> Cases:
    add_payments(db)
    with db.write() as tx:
        integrations.configure(tx, "acme", {EVIDENCE: True})
    return Cases(db, site="http://syncd.test")


def after(cases: Cases, db: Database, kept: Kept, rules: Rules = CHOSEN) -> list[Act | None]:
    with db.read() as tx:
        now = db.now(tx)
    found = findings(kept.facts_of(now), rules, now, kept.accepted)
    return [one.act for one in Casework(db, cases, rules).after("acme", found)]


def test_the_loop_is_closed(db: Database, cases: Cases) -> None:
    kept = Kept(("S1",))
    assert [after(cases, db, kept) for _ in range(2)] == [[Act.OPEN], []]
    with db.read() as tx:
        until = db.now(tx) + timedelta(days=1)
    kept.accepted.append(Acceptance("SVC-03", "Eve", until, "It is being done."))
    assert after(cases, db, kept) == [Act.COMMENT]
    kept.services = ()
    assert after(cases, db, kept) == [Act.CLOSE]


def test_a_key_that_lost_its_sight_closes_nothing(db: Database, cases: Cases) -> None:
    kept = Kept(("S1",))
    after(cases, db, kept)
    kept.services, kept.hidden = (), (Missing(Lack.HIDDEN),)
    assert after(cases, db, kept) == [], "what it does not see may be wrong still"
    kept.hidden = ()
    assert after(cases, db, kept) == [Act.CLOSE]


def test_nothing_is_opened_where_nobody_wants_cases(db: Database, cases: Cases) -> None:
    kept = Kept(("S1",))
    assert after(cases, db, kept, RULES) == []
    with db.write() as tx:
        integrations.configure(tx, "acme", {})
    assert after(cases, db, kept) == [], "evidence was switched off meanwhile"
