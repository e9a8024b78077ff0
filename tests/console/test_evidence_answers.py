"""An answer is kept for as long as nothing has changed that it stands on, and no longer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from syncd.clock import StoppedClock
from syncd.console.evidence_answers import Answers, Shelf
from syncd.console.parts import Parts
from syncd.core.diagnostics import Subject
from syncd.core.judging import State
from syncd.core.link import Link, LinkState
from syncd.errors import NotFound
from syncd.evidence import accepting
from syncd.evidence.collecting import due
from syncd.evidence.desk import Desk
from syncd.evidence.facts.account import Facts
from syncd.evidence.facts.dataset import Name
from syncd.evidence.known import Kept
from syncd.evidence.rules.values import Rules
from syncd.evidence.spans import Span
from syncd.flow.orders import removing
from syncd.store import integrations, links, probes
from syncd.store.database import Tx
from syncd.store.evidence import results
from syncd.store.evidence.acceptances import Wanted
from syncd.store.evidence.results import Judged
from syncd.store.probes import Probe
from tests.console.conftest import Door


@dataclass
class Counted(Kept):
    """What is kept, and how often it was read for an answer."""

    read: list[str] = field(default_factory=list)

    def facts(self, tx: Tx, slug: str, window: Span, at: datetime) -> Facts:
        self.read.append(slug)
        return super().facts(tx, slug, window, at)


@dataclass
class Looked:
    parts: Parts
    known: Counted
    answers: Answers

    def makes_another(self) -> bool:
        before = len(self.known.read)
        self.answers.of("acme", "30d", "Ana")
        return len(self.known.read) > before

    def write(self, change: Callable[[Tx], object]) -> None:
        with self.parts.database.write() as tx:
            change(tx)


@pytest.fixture
def looked(collected: Parts) -> Looked:
    known = Counted()
    answers = Answers(Desk(collected.database, Rules(), known=known), collected.clock, Shelf())
    made = Looked(collected, known, answers)
    assert made.makes_another()
    assert not made.makes_another()
    return made


def _accepted(it: Looked) -> None:
    until = it.parts.clock.now() + timedelta(days=9)
    accepting.accept(it.parts.desk(), "acme", Wanted("SVC-05", "Ana", until, "It is old."))


def _asked(it: Looked) -> None:
    due.ask(it.parts.database, "acme", [Name.USERS], since=None, by="Ana")


def _judged(it: Looked) -> None:
    it.write(lambda tx: results.add(tx, "acme", [Judged("SVC-01", it.parts.clock.now(), "fail")]))


def _wrong(it: Looked) -> None:
    it.write(lambda tx: results.came(tx, "acme", {("SVC-01", "PNEW")}, it.parts.clock.now()))


def _paused(it: Looked) -> None:
    it.write(lambda tx: integrations.pause(tx, "acme", by="Ben", why="a move", at=it.parts.clock.now()))


def _narrowed(it: Looked) -> None:
    now = it.parts.clock.now()
    probe = Probe("acme", Subject.SIGHT, State.FAIL, "SYN-PAG-SIGHT", "It sees some teams.", now, now, None)
    it.write(lambda tx: probes.put(tx, probe))


def _linked(it: Looked) -> None:
    link = Link("", "cases", "CS-1", "acme", state=LinkState.OPENING)
    it.write(
        lambda tx: links.create(tx, link, key="syncd:CS-1", title="t", body="b", shard=1, now=it.parts.clock.now())
    )


@pytest.mark.parametrize("change", [_accepted, _asked, _judged, _wrong, _paused, _narrowed, _linked])
def test_whatever_it_is_made_from_makes_another_one(looked: Looked, change: Callable[[Looked], None]) -> None:
    change(looked)
    assert looked.makes_another()
    assert not looked.makes_another()


def test_so_does_a_minute_and_an_acceptance_that_runs_out_within_it(looked: Looked) -> None:
    clock = looked.parts.clock
    assert isinstance(clock, StoppedClock)
    clock.forward(61)
    assert looked.makes_another()
    until = clock.now() + timedelta(seconds=20)
    accepting.accept(looked.parts.desk(), "acme", Wanted("SVC-05", "Ana", until, "It is old."))
    assert looked.makes_another()
    clock.forward(19)
    assert not looked.makes_another()
    clock.forward(2)
    assert looked.makes_another()
    (control,) = [one for one in looked.answers.of("acme", "30d", "Ana")["controls"] if one["check"] == "SVC-05"]
    assert control["result"] == "fail"


def test_an_account_that_is_gone_has_no_answer_any_more(looked: Looked) -> None:
    removing.remove(looked.parts.setup(), "acme", by="Ben", is_forced=True)
    with pytest.raises(NotFound):
        looked.answers.of("acme", "30d", "Ana")


def test_answers_by_other_rules_are_others(collected: Parts, door: Door) -> None:
    ruled = replace(collected, rules=Rules(levels=9))
    assert ruled.shelf is not collected.shelf
    assert ruled.answers().of("acme", "30d", "Ana")["rules"]["levels"] == 9
