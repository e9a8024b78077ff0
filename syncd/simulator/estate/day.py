"""One day of many incidents, a few that are older, and those that went wrong among them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from syncd.simulator.account import Incident
from syncd.simulator.asked import Json
from syncd.simulator.estate import plots
from syncd.simulator.estate.manifest import Told
from syncd.simulator.estate.plots import HOUR, MINUTE, Plot
from syncd.simulator.estate.site import Site
from syncd.simulator.estate.story import Story

BEGAN, LASTS = timedelta(hours=30), timedelta(hours=24)
TITLES = ("Errors on {}", "{} answers slowly", "Disk of {} is full", "Queue of {} grows", "{} is away")
SHARES = (
    (4, 0),
    (12, 1),
    (40, 2),
    (75, 3),
)  # of a hundred incidents so many are at least so severe; the others have no priority


@dataclass(frozen=True, slots=True)
class Fate:
    """How the one at this place of the day ends, and which checks it fails."""

    plot: Plot
    priority: int | None
    checks: tuple[str, ...] = ()
    traps: tuple[str, ...] = ()


def live(site: Site) -> None:
    count, references = site.sizes.incidents, dict[str, Json]()
    crews = {one.id: one.user_ids for one in (*site.sound, *site.holed)}
    fates, start = _fates(count), site.made - BEGAN
    before: Incident | None = None
    for began, fate in _older(site):
        _tell(site, began, fate, crews, references, None)
    for number in range(count):
        began = start + LASTS * number / count
        fate = fates.get(number) or _common(site, number)
        before = _tell(site, began.replace(microsecond=0), fate, crews, references, before)
    site.manifest.counts |= {"incidents_of_the_day": count, "incidents": len(site.account.incidents)}


def _common(site: Site, number: int) -> Fate:
    """The first has none before it that it could be merged into."""
    plot = site.dice.choice(plots.COMMON)
    return Fate(plots.ordinary if number == 0 and plot is plots.merged else plot, _priority(number))


def _priority(number: int) -> int | None:
    place = number * 37 % 100  # spread over the day, and exactly so many of each hundred
    return next((priority for share, priority in SHARES if place < share), None)


def _fates(count: int) -> dict[int, Fate]:
    """Who of the day is chosen. One in seven of the most severe waits too long, which is too many; of the others hardly any."""
    severe = [number for number in range(count) if _priority(number) == 0]
    others = [number for number in range(count) if _priority(number) == 2]
    grave = [number for number in range(count) if _priority(number) == 1]
    most, soon = severe[: len(severe) // 7], [number for number in severe if number < count // 2][-3:]
    found = {one: Fate(partial(plots.late, least=6 * MINUTE, most=20 * MINUTE), 0, ("INC-01",)) for one in most}
    slow = Fate(lambda s, d: plots.mended(s, 200, d.randint(4 * HOUR + 1, 6 * HOUR)), 0, ("INC-02",))
    found |= dict.fromkeys(soon, slow)
    slowest = Fate(lambda s, d: plots.mended(s, 200, d.randint(24 * HOUR + 1, 25 * HOUR)), 2, ("INC-02",))
    found |= dict.fromkeys(others[:2], slowest)
    late = Fate(partial(plots.late, least=16 * MINUTE, most=30 * MINUTE), 2, traps=("INC-01",))
    found |= dict.fromkeys(others[10:13], late)
    bare = Fate(lambda s, _: plots.mended(s, 120, HOUR, is_noted=False), 1, ("INC-04",))
    found |= dict.fromkeys(grave[5:9], bare)
    recent = [number for number in others if number > count * 3 // 4]
    found |= dict.fromkeys(recent[-4:], Fate(plots.left_open, 2))
    return found


def _older(site: Site) -> Iterator[tuple[datetime, Fate]]:
    """None of them has a priority. All are open for longer than they should be."""
    for days in (21, 15, 9):
        yield site.after(days=-days, minutes=-7), Fate(plots.left_open, None, ("INC-02", "INC-03"))
    for hours in (60, 45, 32):
        yield site.after(hours=-hours), Fate(plots.ignored, None, ("INC-02", "INC-03"), ("INC-01",))


def _tell(
    site: Site,
    began: datetime,
    fate: Fate,
    crews: dict[str, tuple[str, ...]],
    references: dict[str, Json],
    before: Incident | None,
) -> Incident:
    account, number = site.account, len(site.account.incidents) + 1
    service = account.services[site.services[number * 13 % len(site.services)]]
    policy = account.policies[service.policy_id]
    called = [target.id for target in policy.levels[0].targets]
    incident = Incident(
        id=site.ids.incident(),
        number=number,
        title=TITLES[number % len(TITLES)].format(service.name),
        service_id=service.id,
        policy_id=policy.id,
        incident_key=f"{service.id}-{number}",
        created_at=began,
        updated_at=began,
        last_status_change_at=began,
        urgency="low" if fate.priority is None else "high",
        priority_id=None if fate.priority is None else list(account.priorities)[fate.priority],
        from_events=True,
    )
    account.incidents[incident.id] = incident
    people = next((crews[one] for one in called if crews[one]), ())
    told = fate.plot(Story(account, site.ids, incident, people, references), site.dice)
    if told.is_merged and before is not None:
        incident.merged_into = before.id
    _write_down(site, incident, fate, told)
    return incident


def _write_down(site: Site, incident: Incident, fate: Fate, told: Told) -> None:
    site.manifest.times[incident.id] = told
    for check in fate.checks:
        site.manifest.plant(check, incident.id)
    for check in fate.traps:
        site.manifest.trap(check, incident.id)
