"""Escalation policies: one for each schedule that is used, and a few that something is wrong with."""

from __future__ import annotations

from syncd.simulator.account import Target
from syncd.simulator.estate.site import Site
from syncd.simulator.schedules import AnySchedule

NOBODY_NOW = "Nobody now"


def draw(site: Site, unused: tuple[str, ...]) -> str:
    """Gives the policy whose first level has nobody now. A schedule with a gap has another beside it, so that the level has none."""
    sound = [one for one in site.sound if one.id not in unused]
    for number, schedule in enumerate(sound):
        later = sound[(number + 1) % len(sound)]
        _add(site, schedule, (_of(schedule),), later)
    nobody = ""
    for number, schedule in enumerate(site.holed):
        beside, later = sound[number % len(sound)], sound[(number + 2) % len(sound)]
        if schedule.name == NOBODY_NOW:
            nobody = _add(site, schedule, (_of(schedule),), later, is_sound=False)
        else:
            _add(site, schedule, (_of(schedule), _of(beside)), later)
    return nobody


def _of(schedule: AnySchedule) -> Target:
    return Target(schedule.id, "schedule")


def _add(
    site: Site, schedule: AnySchedule, first: tuple[Target, ...], later: AnySchedule, *, is_sound: bool = True
) -> str:
    number = len(site.account.policies)
    teams = schedule.team_ids or (site.team(number).id,)
    made = site.policy(f"{schedule.name} escalation", (first, (_of(later),)), number % 4, teams)
    if is_sound:
        site.policies.append(made.id)
    if made.loops == 0:
        site.manifest.trap("EP-03", made.id)  # its last level is a schedule
    return made.id


def spoil(site: Site, unused: tuple[str, ...]) -> str:
    """Gives the one that calls nobody."""
    first, second, *_ = (one for one in site.sound if one.id not in unused)
    teams, manifest, person = (site.team(0).id,), site.manifest, site.spare[-1]
    silent = site.policy("Calls nobody", (), 1, teams)
    one_level = site.policy("One level", ((_of(first),),), 1, teams)
    the_same = site.policy("The same people twice", ((_of(first),), (_of(first),)), 1, teams)
    runs_out = site.policy("Runs out", ((_of(first),), (Target(person),)), 0, teams)
    manifest.plant("EP-01", silent.id)
    manifest.plant("EP-02", silent.id, one_level.id, the_same.id)
    manifest.plant("EP-03", runs_out.id)
    site.policies += [one_level.id, the_same.id, runs_out.id]
    for number in range(2):
        idle = site.policy(f"Used by nobody {number + 1}", ((_of(first),), (_of(second),)), 1, teams)
        manifest.plant("EP-04", idle.id)
    return silent.id
