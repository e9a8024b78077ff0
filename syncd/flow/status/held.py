"""What is held at this moment, by its reason: an account that is away, a link that is paused, an incident that never was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from syncd.core.reasons import Reason
from syncd.flow.finding import Finding, counted
from syncd.store import holds, inflow, links
from syncd.store.database import Tx
from syncd.store.integrations import Integration

_NAMED = 5


@dataclass(frozen=True, slots=True)
class Held:
    """How many changes, by what they wait for."""

    by_account: Mapping[str, int]  # that is disconnected; hooks that have to be looked at as well
    by_paused_account: Mapping[str, int]  # that a person has paused: changes of either side, and hooks
    by_observed_account: Mapping[str, int]  # what was asked for before it was only observed
    by_paused_link: Mapping[int, int]
    paused_links: Mapping[int, str]  # why each is paused, also where nothing waits yet
    without_incident: int
    by_unread_account: Mapping[str, int]  # until a restored backup has been caught up with
    hooks: int
    uncalled: Sequence[str] = ()  # cases whose incident is held: nobody is called for them


def read(tx: Tx, accounts: Mapping[str, Integration]) -> Held:
    hooks = inflow.held_by_source(tx)
    at_paused = {slug: count for slug, count in hooks.items() if slug in accounts and accounts[slug].is_paused}
    at_others = {slug: count for slug, count in hooks.items() if slug not in at_paused}
    return Held(
        by_account=Counter(holds.by_account(tx, Reason.DISCONNECTED)) + Counter(at_others),
        by_paused_account=Counter(holds.by_paused_account(tx, Reason.PAUSED)) + Counter(at_paused),
        by_observed_account=holds.by_account(tx, Reason.ASKED_BEFORE),
        by_paused_link=holds.by_link(tx, Reason.PAUSED, is_link_paused=True),
        paused_links=links.paused(tx),
        without_incident=sum(holds.by_link(tx, Reason.LINK_FAILED).values()),
        by_unread_account=holds.by_account(tx, Reason.RESTORED),
        hooks=sum(hooks.values()),
        uncalled=holds.cases_not_opened(tx),
    )


def findings(held: Held) -> list[Finding]:
    return [
        *_of_cases(held),
        *_of_accounts(held),
        *_of_paused_accounts(held),
        *_of_observed_accounts(held),
        *_of_paused_links(held),
        *_of_failed_links(held),
    ]


def _of_cases(held: Held) -> list[Finding]:
    if not held.uncalled:
        return []
    named = ", ".join(held.uncalled[:_NAMED]) + (", ..." if len(held.uncalled) > _NAMED else "")
    return [
        Finding(
            f"Nobody has been called for {counted(len(held.uncalled), 'case', 'cases')}: {named}; the incident is held with the "
            "rest.",
            "Call by hand whoever has to know; what holds it, and how it goes on, is said below.",
        )
    ]


def _of_accounts(held: Held) -> list[Finding]:
    return [
        Finding(
            f"{_changes(count)} held because {slug} is disconnected.",
            f"All goes on in order once it is connected; whether its credential works says `syncd integrations test {slug}`.",
        )
        for slug, count in sorted(held.by_account.items())
    ]


def _of_paused_accounts(held: Held) -> list[Finding]:
    return [
        Finding(
            f"{_changes(count)} held because {slug} is paused.",
            f"See why: `syncd integrations list`; they go on in order after `syncd integrations resume {slug}`.",
        )
        for slug, count in sorted(held.by_paused_account.items())
    ]


def _of_observed_accounts(held: Held) -> list[Finding]:
    return [
        Finding(
            f"{_changes(count)} held because {slug} is only observed, and was not yet when they were asked for.",
            f"All goes on in order once it is written to again: `syncd integrations observe {slug} --off`.",
        )
        for slug, count in sorted(held.by_observed_account.items())
    ]


def _of_paused_links(held: Held) -> list[Finding]:
    """A pause that is forgotten is silent until something happens, so that each is told from the first moment."""
    paused = held.paused_links
    waiting = sum(held.by_paused_link.values())
    changes = f"{_changes(waiting)} held for it" if waiting else "nothing is held for it yet"
    if len(paused) == 1:
        ((link_id, why),) = paused.items()
        remedy = f"See it: `syncd links show {link_id}`; let it go on: `syncd links resume {link_id}`."
        return [Finding(f"Link {link_id}: {why.rstrip('.')} ({changes}).", remedy)]
    if not paused:
        return []
    what = f"{len(paused)} links are paused, and {_changes(waiting)} held for them."
    return [Finding(what, "See which, and why: `syncd links list --paused`; `syncd links resume ID` lets one go on.")]


def _of_failed_links(held: Held) -> list[Finding]:
    if not held.without_incident:
        return []
    return [
        Finding(
            f"{_changes(held.without_incident)} held because no incident could be opened.",
            "See of which cases: `syncd links list --state failed`; once the opening is replayed by "
            "`syncd deliveries replay ID --yes`, they follow it.",
        )
    ]


def _changes(count: int) -> str:
    return counted(count, "change is", "changes are")
