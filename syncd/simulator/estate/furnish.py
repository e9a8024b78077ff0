"""Furnishes an empty account: people first, then their schedules, policies and services, and at last what befell them."""

from __future__ import annotations

from datetime import datetime

from syncd.simulator.account import Account
from syncd.simulator.estate import day, faulty, holes, people, policies, rotas, services, trail
from syncd.simulator.estate.manifest import Manifest
from syncd.simulator.estate.site import Site
from syncd.simulator.estate.sizes import Sizes
from syncd.simulator.ids import Ids

SPECIAL_LAYERED, SPECIAL_SHIFTED = 11, 8  # schedules that something is wrong with, or seems to be


def furnish(
    account: Account,
    now: datetime,
    *,
    seed: int,
    sizes: Sizes,
    named_people: tuple[tuple[str, str], ...],
    bot: str,
    named_services: tuple[tuple[str, str], ...],
) -> Manifest:
    """The same seed, sizes and time make the same account. It has to have its priorities already."""
    made = now.replace(second=0, microsecond=0)
    manifest = Manifest(made, seed)
    site = Site(account, Ids(seed), made, sizes, manifest)
    people.engage(site, named_people, bot)
    shifted = sizes.schedules // 3 - SPECIAL_SHIFTED
    rotas.draw(site, sizes.schedules - SPECIAL_LAYERED - SPECIAL_SHIFTED - shifted, shifted)
    people.make_unreachable(site)
    unused = faulty.spoil(site)
    holes.dig(site)
    nobody_now = policies.draw(site, unused)
    silent = policies.spoil(site, unused)
    services.open_services(site, named_services)
    services.spoil(site, silent, nobody_now)
    day.live(site)
    trail.write(site)
    manifest.counts |= {
        "users": len(account.users),
        "teams": len(account.teams),
        "schedules": len(account.schedules),
        "shift_schedules": len(account.shift_schedules),
        "escalation_policies": len(account.policies),
        "services": len(account.services),
        "log_entries": sum(len(it.log) for it in account.incidents.values()),
        "audit_records": len(account.audit),
    }
    return manifest
