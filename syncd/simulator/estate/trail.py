"""The audit trail of a made account: who came, what was switched off, and what is changed on any day."""

from __future__ import annotations

from datetime import timedelta

from syncd.simulator.audit import AuditRecord, Changed
from syncd.simulator.estate.site import Site

EVERY = timedelta(minutes=50)  # something is changed
DAYS = 60


def write(site: Site) -> None:
    account, users = site.account, site.account.users
    admins = [it.id for it in users.values() if it.role == "admin"]
    found = [
        AuditRecord(site.ids.log_entry(), it.created_at, "create", "user", it.id, it.name, user_id=admins[0])
        for it in users.values()
        if it.created_at is not None
    ]
    off = (it for it in account.services.values() if it.state == "disabled")
    found += [
        AuditRecord(
            site.ids.log_entry(),
            site.manifest.since[it.id],
            "update",
            "service",
            it.id,
            it.name,
            (Changed("status", "disabled", "active"),),
            admins[1],
        )
        for it in off
    ]
    at, services = site.made - timedelta(days=DAYS), list(account.services.values())
    while (at := at + EVERY) < site.made:
        service, who = site.dice.choice(services), site.dice.choice(admins)
        changed = (Changed("description", service.description, None),)
        found.append(AuditRecord(site.ids.log_entry(), at, "update", "service", service.id, service.name, changed, who))
    account.audit = sorted(found, key=lambda it: it.at)
