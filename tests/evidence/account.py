"""A small account in which everything is in order: what tests take apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from syncd.evidence.coverage import Coverage, Gap, Why
from syncd.evidence.facts.account import FIELDS, Facts, Seen
from syncd.evidence.facts.dataset import Dataset, Name
from syncd.evidence.facts.incidents import Actor, CaseOf, Entry, Incident, LogEntry
from syncd.evidence.facts.oncalls import OnCall
from syncd.evidence.facts.policies import Level, Policy, Target
from syncd.evidence.facts.schedules import Covered, Rota
from syncd.evidence.facts.services import Service, UrgencyRule
from syncd.evidence.facts.teams import Ability, Member, Team
from syncd.evidence.facts.users import NotificationRule, Person, User
from syncd.evidence.findings.catalogue import CHECKS
from syncd.evidence.findings.judging import Acceptance, Finding, judge
from syncd.evidence.findings.opinion import Asked
from syncd.evidence.rules.values import Critical, Rules
from syncd.evidence.schedules.shifts import Shift
from syncd.evidence.spans import Span

NOW = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)
COLLECTED = NOW - timedelta(minutes=20)
RULES = Rules(critical=Critical(names=("Check*",)))
AHEAD = Span(NOW, NOW + timedelta(days=30))
_LONG_AGO = NOW - timedelta(days=100)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def policy(policy_id: str = "EP1", /, **changes: object) -> Policy:
    levels = (Level(30, (Target("SC1", is_schedule=True),)), Level(30, (Target("U3", is_schedule=False),)))
    return replace(Policy(policy_id, "Checkout on call", levels, 2, ("S1",), ("T1",)), **changes)  # type: ignore[arg-type]


def service(service_id: str = "S1", /, **changes: object) -> Service:
    good = Service(
        service_id,
        "Checkout",
        "active",
        "EP1",
        ("T1",),
        1,
        1800,
        14_400,
        UrgencyRule(is_constant=True, urgency="severity_based"),
    )
    return replace(good, **changes)  # type: ignore[arg-type]


def schedule(schedule_id: str = "SC1", /, **changes: object) -> Rota:
    good = Rota(schedule_id, "Checkout L1", False, 1, frozenset({"U1", "U2"}), frozenset({"EP1"}), frozenset({"T1"}))
    return replace(good, **changes)  # type: ignore[arg-type]


def covered(
    schedule_id: str = "SC1", *gaps: Span, shifts: tuple[Shift, ...] | None = None, window: Span = AHEAD
) -> Covered:
    middle = NOW + timedelta(days=7)
    told = (Shift(Span(NOW, middle), "U1"), Shift(Span(middle, AHEAD.end), "U2")) if shifts is None else shifts
    people = frozenset(one.person for one in told if one.person)
    return Covered(Coverage(schedule_id, window, tuple(Gap(one, Why.NO_USERS) for one in gaps), people, told))


def user(user_id: str = "U1", /, **changes: object) -> User:
    notified = (NotificationRule("phone", "high"), NotificationRule("email", "low"))
    good = User(
        user_id, f"Name of {user_id}", "user", f"digest-{user_id}", ("T1",), {"email": 1, "phone": 1}, notified, False
    )
    return replace(good, **changes)  # type: ignore[arg-type]


def entry(at: datetime, what: Entry, actor: Actor = Actor.PERSON, **changes: object) -> LogEntry:
    return replace(LogEntry(f"R{at:%d%H%M%S}{what}", at, what, actor, "U1"), **changes)  # type: ignore[arg-type]


def incident(
    number: int = 1,
    *,
    acknowledged: float | None = 3,
    resolved: float | None = 60,
    age: timedelta = timedelta(days=2),
    **changes: object,
) -> Incident:
    """Acknowledged and resolved so many minutes after it began, by a person, with a resolution note."""
    began = NOW - age
    log = [entry(began, Entry.TRIGGER, Actor.API)]
    if acknowledged is not None:
        log.append(entry(began + minutes(acknowledged), Entry.ACKNOWLEDGE))
    if resolved is not None:
        log.append(entry(began + minutes(resolved), Entry.RESOLVE, has_note=True))
    status = "resolved" if resolved is not None else "acknowledged" if acknowledged is not None else "triggered"
    good = Incident(f"I{number}", number, began, status, "S1", "high", "P1", ("T1",), False, tuple(log))
    return replace(good, **changes)  # type: ignore[arg-type]


def dataset(name: Name, *rows: object, **changes: object) -> Dataset[Any]:
    covers = (Span(_LONG_AGO, COLLECTED),) if name is Name.INCIDENTS else ()
    return replace(Dataset(name, tuple(rows), COLLECTED, covers), **changes)  # type: ignore[arg-type, type-var]


def _in_order() -> Iterable[Dataset[Any]]:
    yield dataset(Name.SERVICES, service(), service("S2", name="Search", acknowledgement_s=600))
    yield dataset(Name.POLICIES, policy())
    yield dataset(Name.SCHEDULES, schedule())
    yield dataset(Name.COVERAGE, covered())
    yield dataset(Name.ONCALLS, OnCall("U1", "EP1", 1, "SC1", NOW - timedelta(days=1), NOW + timedelta(days=7)))
    roles = {"U4": "owner", "U5": "admin"}
    yield dataset(Name.USERS, *(user(f"U{at}", role=roles.get(f"U{at}", "user")) for at in range(1, 6)))
    yield dataset(Name.TEAMS, Team("T1", "Payments", tuple(Member(f"U{at}", "manager") for at in range(1, 6))))
    yield dataset(Name.ABILITIES, Ability("teams"), Ability("urgencies"))
    yield dataset(Name.INCIDENTS, *(incident(at) for at in range(1, 12)))
    yield dataset(Name.OPEN_INCIDENTS, incident(40, resolved=None, age=timedelta(hours=3)))
    yield dataset(Name.CASES, *(CaseOf(f"I{at}", f"CASE-{at}", is_closed=True) for at in range(1, 12)))
    yield dataset(Name.ROSTER, *(Person(f"digest-U{at}") for at in range(1, 6)))


GOOD = replace(Facts(), **{FIELDS[one.name]: one for one in _in_order()})  # type: ignore[arg-type]


def facts(*changed: Dataset[Any], seen: dict[str, Seen] | None = None, of: Facts = GOOD) -> Facts:
    """The account in order, with some of its datasets in place of its own."""
    return replace(of, seen=seen or of.seen, **{FIELDS[one.name]: one for one in changed})


def found(check: str, of: Facts = GOOD, rules: Rules = RULES, *, accepted: tuple[Acceptance, ...] = ()) -> Finding:
    return judge(CHECKS[check], Asked(of, rules, NOW), accepted)


def told(finding: Finding) -> dict[str, str]:
    """What is wrong, by subject."""
    return {one.subject: one.sentence for one in finding.wrong}


def not_read(finding: Finding) -> set[str]:
    return {one.subject for one in finding.unread}
