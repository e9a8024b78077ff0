"""Where a case goes and why, and what its incident looks like: asked by a person, decided as for the case itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from syncd.connections.open import Connections
from syncd.connections.routing.rules import why_not_with
from syncd.connections.routing.service import remark
from syncd.connections.routing.words import Routed
from syncd.connections.rules import rules_of
from syncd.core.changes import CaseOpened, Side
from syncd.core.errand import ErrandKind
from syncd.core.reasons import Reason
from syncd.core.routing import Judged, Style
from syncd.errors import Conflict, NotFound, Unreadable
from syncd.flow.chart import Chart
from syncd.store import deliveries, errands, integrations, links, replay
from syncd.store.cases import Cases
from syncd.store.database import Database, Tx
from syncd.store.links import StoredLink

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Asking:
    """A case and how it asked for its incident."""

    system: str
    case_id: str
    seen: CaseOpened


@dataclass(frozen=True, slots=True)
class Explained:
    asking: Asking
    judged: Sequence[Judged]
    routed: Routed | Reason
    link: StoredLink | None  # that it has already: it stays as it is

    @property
    def says(self) -> str:
        return " ".join(filter(None, (_way(self), _on(self), self.remark, _already(self))))

    @property
    def remark(self) -> str:
        """Why it is opened on another service than it asked for."""
        if isinstance(self.routed, Reason):
            return ""
        return remark(self.routed.connector, self.routed.chosen(self.asking.seen), self.asking.seen.service)


@dataclass(frozen=True, slots=True)
class Preview:
    """An incident as it would be opened."""

    routed: Routed
    title: str
    body: str
    style: Style
    priority: str  # PagerDuty's id, and what it is called
    priority_name: str
    service: str


def explained(db: Database, cases: Cases, connect: Callable[[], Connections], case_id: str, system: str) -> Explained:
    asking = _asking(db, cases, connect, case_id, system)
    with db.read() as tx:
        chart = Chart.read(tx)
        link = links.find(tx, asking.system, Side.CASE, asking.case_id)
    judged = chart.judged(asking.system, asking.seen)
    return Explained(asking, judged, chart.route(asking.system, asking.seen), link)


def previewed(db: Database, told: Explained, preset: str, connector: str) -> Preview:
    """As the rules have it, or with another preset or connector."""
    with db.read() as tx:
        chart = Chart.read(tx)
    routed = _chosen(told, chart, preset, connector)
    seen = told.asking.seen
    words = routed.words(told.asking.case_id, seen)
    priorities = rules_of(routed.connector, {}, routed.preset.priorities).priorities
    across = priorities.across(Side.CASE, seen.priority) or ""
    service = routed.chosen(seen).service.called
    return Preview(
        routed,
        words.title,
        words.body,
        routed.style(words, seen),
        across,
        priorities.called(across) if across else "",
        service,
    )


def _chosen(told: Explained, chart: Chart, preset: str, connector: str) -> Routed:
    base = told.routed
    if connector:
        base = Routed(_named(chart.connectors, connector, "connector"))
    if isinstance(base, Reason):
        raise Conflict(f"{told.says} Name a connector to see what one would look like there (`--connector`).")
    if not preset:
        return base
    other = _named(chart.presets, preset, "preset")
    if why := why_not_with(other, base.connector):
        raise Conflict(f"Preset {why}; name another preset, or a connector that it is for.")
    return Routed(base.connector, other, base.rule)


def _named(there: Mapping[str, Thing], name: str, what: str) -> Thing:
    if name not in there:
        raise NotFound(f"There is no {what} called {name}; there are {', '.join(there)}.")
    return there[name]


def _asking(db: Database, cases: Cases, connect: Callable[[], Connections], case_id: str, system: str) -> Asking:
    if system in {"", cases.slug}:
        try:
            seen = cases.opening(case_id)
        except NotFound:
            if system:
                raise
        else:
            return Asking(cases.slug, case_id.strip().upper(), seen)
    return _asking_of_a_desk(db, connect, case_id, system)


def _asking_of_a_desk(db: Database, connect: Callable[[], Connections], case_id: str, system: str) -> Asking:
    """A desk is not asked: its case is decided by what the hook said that asked for the incident."""
    with db.read() as tx:
        for hook in _hooks(tx, case_id, system):
            source = integrations.get(tx, hook.source)
            if source is None or source.side is not Side.CASE or not hook.body:
                continue
            try:
                hint = connect().system(source).parse(hook.body)
            except Unreadable:
                continue
            for seen in hint.seen:
                if isinstance(seen, CaseOpened):
                    return Asking(hook.source, case_id, seen)
    raise NotFound(
        f"Nothing is kept by which {case_id} asked for an incident; `syncd cases list` and `syncd deliveries list --case "
        f"{case_id}` show what is known of it."
    )


def _hooks(tx: Tx, case_id: str, system: str) -> list[replay.Kept]:
    """Those that led to its link, or to the row that says why it has none."""
    wanted = {"case_id": case_id, "change": "open", **({"source_system": system} if system else {})}
    rows = list(deliveries.find(tx, wanted))
    for link in links.listing(tx, case=case_id):
        if link["case_system"] == system or not system:
            rows += [one for one in errands.of_link(tx, link["id"]) if one["kind"] == ErrandKind.OPEN]
    numbers = dict.fromkeys(row["arrival_id"] for row in rows if row["arrival_id"] is not None)
    return [hook for number in numbers if (hook := replay.kept(tx, number)) is not None]


def _way(told: Explained) -> str:
    case, seen = told.asking.case_id, told.asking.seen
    match told.routed:
        case Reason.NO_ROUTE:
            return f"No rule matches {case}, so no incident is opened for it."
        case Reason.OF_EVIDENCE:
            return f"A finding of evidence opened {case}, and no rule names those, so no incident is opened for it."
        case Reason() if seen.connector:
            return (
                f"{case} was sent to connector {seen.connector}, which takes no such cases, so no incident is opened."
            )
        case Reason():
            return f"There are no rules for {case} and no single connector, so no incident is opened for it."
        case Routed(connector, preset, rule) if rule is not None:
            return f"Rule {rule.name} sends {case} to connector {connector.name} with preset {preset.name}."
        case Routed(connector) if seen.connector:
            return f"{case} was sent to connector {connector.name} when it was opened, so no rule is asked."
        case Routed(connector):
            return f"There are no rules for {case}, so it goes to the only connector, {connector.name}."


def _on(told: Explained) -> str:
    """Nothing of a connector that reaches one service only."""
    if isinstance(told.routed, Reason) or not told.routed.connector.others:
        return ""
    chosen = told.routed.chosen(told.asking.seen)
    is_default = chosen.service == told.routed.connector.services[0]
    return f"Its service is {chosen.service.called}{', the default one' if is_default else ''}."


def _already(told: Explained) -> str:
    if told.link is None:
        return ""
    style, link = told.link.style, told.link.link
    how = f" by rule {style.rule} with preset {style.preset}" if style.rule else ""
    return f"Its link {told.link.id} was made{how} to connector {link.connector} and stays as it is."
