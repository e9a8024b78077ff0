"""The services of the account, and what is wrong with a few of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from syncd.simulator.account import Integration, Maintenance, Service, SupportHours
from syncd.simulator.estate.site import ZONES, Site

WORDS = (
    "Ledger",
    "Search",
    "Login",
    "Cart",
    "Mailer",
    "Invoices",
    "Stock",
    "Router",
    "Cache",
    "Reports",
    "Images",
    "Feed",
)
LAYERS = ("API", "Web", "Worker", "Database", "Queue")
DELETED = "PGONE00"  # a policy that is not there any more
ACK_S, AUTO_S = 1_800, 14_400


def open_services(site: Site, named: tuple[tuple[str, str], ...]) -> None:
    """`named` with their integration keys are there in every simulated account."""
    made = [*named, *((_name(number), "") for number in range(site.sizes.services - len(named)))]
    for number, (name, key) in enumerate(made):
        service = _service(site, name, number, key)
        site.put(service)
        site.services.append(service.id)


def _name(number: int) -> str:
    word, layer = WORDS[number % len(WORDS)], LAYERS[number // len(WORDS) % len(LAYERS)]
    return f"{word} {layer} {number // (len(WORDS) * len(LAYERS)) + 1}"


def _service(site: Site, name: str, number: int, key: str) -> Service:
    policy = site.account.policies[site.policies[number % len(site.policies)]]
    keys = [key or site.ids.hexadecimal(), *(site.ids.hexadecimal() for _ in range(number % 3))]
    made = Service(
        site.ids.record(),
        name,
        policy.id,
        f"The {name} service",
        site.made - timedelta(days=400 + number % 300),
        urgency="severity_based" if number % 5 else "low",
        support_hours=SupportHours(ZONES[number % len(ZONES)]) if number % 7 == 3 else None,
        team_ids=policy.team_ids,
        integrations=tuple(Integration(site.ids.record(), f"Events {turn + 1}", one) for turn, one in enumerate(keys)),
        ack_timeout_s=ACK_S,
        auto_resolve_s=AUTO_S,
    )
    for one in made.integrations:
        site.account.integration_keys[one.key] = made.id
    return made


def spoil(site: Site, silent_policy: str, nobody_now: str) -> None:
    """Each fault on services of its own, which have no incidents."""
    manifest = site.manifest

    def each(count: int, change: Callable[[Service], Service], *checks: str) -> list[Service]:
        changed = [change(site.account.services[site.services.pop()]) for _ in range(count)]
        for service in changed:
            site.put(service)
            for check in checks:
                manifest.plant(check, service.id)
        return changed

    each(2, lambda it: replace(it, policy_id=""), "SVC-01")
    each(1, lambda it: replace(it, policy_id=DELETED), "SVC-01", "SVC-02")
    each(2, lambda it: replace(it, policy_id=silent_policy), "SVC-02")
    each(2, lambda it: replace(it, policy_id=nobody_now), "SVC-02")
    each(4, lambda it: replace(it, team_ids=()), "SVC-03")
    each(2, lambda it: replace(it, ack_timeout_s=None), "SVC-05")
    each(1, lambda it: replace(it, auto_resolve_s=None), "SVC-05")
    each(1, lambda it: replace(it, ack_timeout_s=None, auto_resolve_s=None), "SVC-05")
    each(3, lambda it: replace(it, urgency="high", support_hours=None), "SVC-06")
    disabled = each(2, lambda it: replace(it, state="disabled"), "SVC-04")
    maintained = each(1, lambda it: replace(it, state="maintenance"), "SVC-04")
    _away(site, disabled, maintained)
    fresh = each(1, lambda it: replace(it, state="maintenance"))
    _maintain(site, fresh[0], 2)
    manifest.trap("SVC-04", fresh[0].id)
    bare = each(3, lambda it: replace(it, integrations=()))
    manifest.trap("integrations", *(it.id for it in bare))


def _away(site: Site, disabled: list[Service], maintained: list[Service]) -> None:
    for service in disabled:
        site.manifest.since[service.id] = site.after(days=-45)
    for service in maintained:
        _maintain(site, service, 45)


def _maintain(site: Site, service: Service, days: int) -> None:
    start = site.after(days=-days)
    site.manifest.since[service.id] = start
    site.account.maintenance.append(
        Maintenance(site.ids.record(), (service.id,), start, site.after(days=30), f"Work on {service.name}")
    )
