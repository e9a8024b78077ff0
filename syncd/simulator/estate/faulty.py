"""What else may be wrong with schedules: one person alone, no use, no team, and somebody in two at once."""

from __future__ import annotations

from datetime import timedelta

from syncd.simulator.estate.rotas import begun, by_shifts, event, layer, schedule
from syncd.simulator.estate.site import Site
from syncd.simulator.schedules import Override, Schedule
from syncd.simulator.wall import DAY

ZONE = "Europe/London"


def spoil(site: Site) -> tuple[str, ...]:
    """Gives those that no policy may use."""
    _alone(site)
    _teamless(site)
    _twice(site)
    return _unused(site)


def _alone(site: Site) -> None:
    start = begun(site, ZONE)
    for made in (
        schedule(site, "One person in layers", ZONE, layer(site, site.crew(1), start)),
        by_shifts(site, "One person in shifts", ZONE, event(site, start, DAY, ZONE, site.crew(1))),
    ):
        made.team_ids = (site.team(1).id,)
        site.add(made)
        site.manifest.plant("SCH-02", made.id)


def _teamless(site: Site) -> None:
    made = schedule(site, "Nobody's schedule", ZONE, layer(site, site.crew(), begun(site, ZONE)))
    site.add(made)
    for who in made.user_ids:
        site.team(2).members.setdefault(who, "responder")
    site.manifest.plant("SCH-04", made.id)


def _unused(site: Site) -> tuple[str, ...]:
    start = begun(site, ZONE)
    found = (
        schedule(site, "Unused layers", ZONE, layer(site, site.crew(), start)),
        by_shifts(site, "Unused shifts", ZONE, event(site, start, DAY, ZONE, site.crew())),
    )
    for made in found:
        made.team_ids = (site.team(3).id,)
        site.add(made)
        site.manifest.plant("SCH-04", made.id)
    return tuple(made.id for made in found)


def _twice(site: Site) -> None:
    """By overrides somebody has two schedules for four hours; at all other times they are only in their own."""
    layered = [one for one in site.sound if isinstance(one, Schedule) and not one.overrides]
    for number in range(2):
        own, other = layered[2 * number], layered[2 * number + 1]
        who, start = own.user_ids[1], site.after(days=2 + number, minutes=25)
        end = start + timedelta(hours=4)
        hour = timedelta(hours=1)
        own.overrides.append(Override(site.ids.record(), who, start - hour, end + hour))
        other.overrides.append(Override(site.ids.record(), who, start, end))
        site.manifest.plant("SCH-05", who)
        site.manifest.twice[who] = (own.id, other.id, start, end)
