"""What a person has to know at this moment, each thing by its one cause: of a thousand late changes of an account, the account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from syncd.connections import key_age
from syncd.core.diagnostics import CATALOGUE
from syncd.core.lifecycle import IntegrationState
from syncd.errors import cause_of
from syncd.flow.accounts import cure
from syncd.flow.finding import counted
from syncd.flow.status import subscriptions
from syncd.store import backed_up, integrations, links, probes
from syncd.store.database import Tx

STUCK_AFTER = timedelta(minutes=10)
_CONFLICTS = 1_000  # of more nobody has to be told one by one


class Kind(StrEnum):
    DISCONNECTED = "integration.disconnected"
    LACKING = "integration.lacking"
    STUCK = "link.stuck"
    EXHAUSTED = "delivery.exhausted"
    SUBSCRIPTION = "subscription.disabled"
    CONFLICT = "conflict.opened"
    OLD_KEY = "key.old"


SAYS: Mapping[Kind, str] = {
    Kind.DISCONNECTED: "An account is disconnected: one for each account.",
    Kind.LACKING: "A credential is accepted and may not do all that is needed, by a diagnosis code: one for each account and check.",
    Kind.STUCK: (
        "Changes that nothing holds have waited for more than ten minutes, or cases got no incident: one each for the account "
        "they are for."
    ),
    Kind.EXHAUSTED: "Changes were refused for good, and nobody has replayed or parked them: one for each account and reason.",
    Kind.SUBSCRIPTION: "Something is wrong with a webhook subscription: one for each.",
    Kind.CONFLICT: "Both sides changed one field and a person has to decide: one for each link.",
    Kind.OLD_KEY: "An API key of PagerDuty has been in use for 90 days or more: one for each account.",
}


@dataclass(frozen=True, slots=True)
class Cause:
    kind: Kind
    name: str
    what: str
    remedy: str

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.name


def causes(tx: Tx, now: datetime) -> Mapping[tuple[str, str], Cause]:
    found = [
        *_disconnected(tx),
        *_lacking(tx),
        *_stuck(tx, now),
        *_unopened(tx),
        *_refused(tx),
        *_subscriptions(tx, now),
        *_conflicts(tx),
        *_old_keys(tx, now),
    ]
    return {one.key: one for one in found}


def _disconnected(tx: Tx) -> Iterator[Cause]:
    for one in integrations.all_of(tx).values():
        if one.state is IntegrationState.DISCONNECTED:
            what = f"Integration {one.slug} is disconnected since {one.since:%Y-%m-%d %H:%M} UTC ({one.code}): {cause_of(one.reason)}."
            yield Cause(Kind.DISCONNECTED, one.slug, what, cure(one))


def _lacking(tx: Tx) -> Iterator[Cause]:
    """Of an account that is disconnected that is told, and nothing else of it can be."""
    there = integrations.all_of(tx)
    for one in probes.failing(tx):
        account = there[one.integration]
        if one.code not in CATALOGUE or account.state is not IntegrationState.CONNECTED:
            continue
        what = f"{one.integration}: {cause_of(one.finding)} ({one.code})."
        remedy = CATALOGUE[one.code].cured(one.integration, is_by_oauth=account.is_by_oauth)
        yield Cause(Kind.LACKING, f"{one.integration} {one.subject}", what, remedy)


def _stuck(tx: Tx, now: datetime) -> Iterator[Cause]:
    for one in backed_up.late(tx, now - STUCK_AFTER):
        which = counted(one.links, "link has", "links have")
        what = f"{which} changes for {one.account} that wait since {one.since:%Y-%m-%d %H:%M} UTC."
        remedy = "See what they wait for: `syncd status` and `syncd deliveries list --outcome retrying`."
        yield Cause(Kind.STUCK, one.account, what, remedy)


def _unopened(tx: Tx) -> Iterator[Cause]:
    """What keeps one case without an incident mostly keeps all of them."""
    for one in backed_up.unopened(tx):
        who = f"Case {one.case_id} got" if one.cases == 1 else f"{one.cases} cases got"
        which = "" if one.cases == 1 else f"; of {one.case_id}"
        what = f"{who} no incident in {one.account}{which}: {cause_of(one.reason)}."
        remedy = f"See why: `syncd links show {one.link}`; replay or park the delivery of each opening (`syncd links list --state failed`)."
        yield Cause(Kind.STUCK, f"{one.account} unopened", what, remedy)


def _refused(tx: Tx) -> Iterator[Cause]:
    for one in backed_up.refused(tx):
        what = (
            f"{counted(one.changes, 'change', 'changes')} for {one.account} came to a refusal for good ({one.reason})."
        )
        remedy = (
            "See which: `syncd deliveries list --outcome failed`; `syncd deliveries replay ID --yes` sends what is still missing, "
            "and `syncd deliveries park ID --why REASON` puts it aside."
        )
        yield Cause(Kind.EXHAUSTED, f"{one.account} {one.reason}", what, remedy)


def _subscriptions(tx: Tx, now: datetime) -> Iterator[Cause]:
    seen = subscriptions.read(tx, now)
    accounts = list(integrations.all_of(tx).values())
    for slug, one in seen.troubles:
        (found,) = subscriptions.findings(subscriptions.Seen([(slug, one)], (), ()), accounts)
        yield Cause(Kind.SUBSCRIPTION, f"{slug} {one.subscription} {one.reason}", found.what, found.remedy)
    for slug, at in seen.enabled:
        (found,) = subscriptions.findings(subscriptions.Seen((), [(slug, at)], ()))
        yield Cause(Kind.SUBSCRIPTION, f"{slug} enabled", found.what, found.remedy)


def _old_keys(tx: Tx, now: datetime) -> Iterator[Cause]:
    for one in integrations.all_of(tx).values():
        age = key_age.of(tx, one, now)
        if age is not None and age.is_old:
            # Its days are left out, so that it stays one cause, told once.
            what = f"{one.slug}: the {age.which or 'API key'} has been in use since {age.since:%Y-%m-%d}, and is to be replaced."
            yield Cause(Kind.OLD_KEY, one.slug, what, age.cure)


def _conflicts(tx: Tx) -> Iterator[Cause]:
    for one in links.in_conflict(tx, _CONFLICTS):
        what = f"Case {one.link.case_id} and its incident differ, and both sides meant it: a person decides."
        yield Cause(Kind.CONFLICT, f"link {one.id}", what, "See what each side says: `syncd conflicts list`.")
