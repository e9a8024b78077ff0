"""The webhook of an account: our subscription as PagerDuty has it, and when it last brought something."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from syncd.connections.webhooks import seen_now
from syncd.core.checked import Checked, failed, fine, warned
from syncd.store import hook_secrets, inflow
from syncd.store.database import Database
from syncd.systems.pagerduty import account

from .account import Patient

SILENT_AFTER = timedelta(days=7)
_ONLY_READ = (
    "It is only read, so none is made there and its changes are found by looking; one that a person makes there is heard once its secret "
    "is pasted."
)


def subscriptions(it: Patient, db: Database, public_url: str) -> Iterator[Checked]:
    with db.read() as tx:
        ours = [one.subscription for one in hook_secrets.ours(tx, it.slug)]
        is_pasted = not ours and bool(hook_secrets.listing(tx, it.slug))
        now = db.now(tx)
    if is_pasted:
        yield fine("webhook", "Its secret was pasted, so its subscription is looked after by a person.", it.slug)
        return
    if not ours and it.integration.is_read_only:
        yield fine("webhook", _ONLY_READ, it.slug)
        return
    if not ours:
        yield warned("webhook", "SYN-HOOK-NONE", integration=it.slug)
        return
    url = f"{public_url}/hooks/{it.slug}" if public_url else ""
    troubles = seen_now.troubles(ours, it.http, it.trip, url, now)
    yield from (failed("webhook", "SYN-HOOK-SUBSCRIPTION", one.detail, it.slug) for one in troubles)
    if not troubles:
        where = "sends here" if url else "sends to where nobody compared, without a public URL"
        yield fine("webhook", f"Its subscription is active, has every event that is needed, and {where}.", it.slug)
        yield from _unheard(it, ours)


def _unheard(it: Patient, ours: Collection[str]) -> Iterator[Checked]:
    """One that was made for a single service sends nothing of the others that a connector reaches."""
    sending = [one for one in account.list_subscriptions(it.http, it.trip) if one.id in ours]
    if any(one.filter_type != "service_reference" for one in sending):
        return  # Which services a team has is not asked.
    heard = {one.filter_id for one in sending}
    left = {one.id: one.called for its in it.connectors for one in its.services if one.id not in heard}
    for number, name in left.items():
        said = (
            f"Nothing is heard at once of service {name}, whose incidents are looked over once a day only: `syncd integrations "
            f"webhook {it.slug} --create --service {number}` makes a subscription for it."
        )
        yield warned("webhook", "", said, it.slug)


def last_heard(db: Database, slug: str, now: datetime) -> Iterator[Checked]:
    with db.read() as tx:
        if not hook_secrets.listing(tx, slug):
            return
        at = inflow.last_heard(tx, slug)
    if at is None:
        yield warned("last webhook", "SYN-HOOK-SILENT", "None has come yet.", slug)
    elif now - at > SILENT_AFTER:
        said = f"The last one came at {at:%Y-%m-%d %H:%M} UTC, {(now - at).days} days ago."
        yield warned("last webhook", "SYN-HOOK-SILENT", said, slug)
    else:
        yield fine("last webhook", f"It came at {at:%Y-%m-%d %H:%M} UTC.", slug)
