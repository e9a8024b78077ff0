"""What the gates look at, read from the tables in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from syncd.connections.webhooks.trouble import Trouble
from syncd.core.changes import Field, Side
from syncd.core.errand import ErrandKind
from syncd.core.link import Link
from syncd.core.policy import Rules, as_typed
from syncd.core.reasons import Reason
from syncd.core.unmapped import differ
from syncd.core.why.facts import (
    CASE_MISSING,
    FAR_MISSING,
    NO_TROUBLE,
    Account,
    Apart,
    Change,
    Conflict,
    Facts,
    Hooks,
    Linked,
)
from syncd.flow import conflicts, unmapped
from syncd.flow.accounts import cure, is_answering
from syncd.flow.mapped import pairs_of
from syncd.flow.names import Names
from syncd.flow.status import doubts, held, incoming, overdue, parts, subscriptions
from syncd.flow.status.held import Held
from syncd.store import connectors, deliveries, integrations, links, reconciles, traces
from syncd.store import unmapped as store
from syncd.store.connectors import Connector
from syncd.store.database import Tx
from syncd.store.integrations import Integration
from syncd.store.links import StoredLink

from . import changes


def of_link(tx: Tx, stored: StoredLink, now: datetime, about: Change | None = None) -> Facts:
    link, known = stored.link, integrations.all_of(tx)
    mine = {side: known[link.system(side)] for side in Side if link.system(side) in known}
    lines = connectors.all_of(tx)
    there = mine.get(Side.INCIDENT)
    rules = unmapped.rules(link, lines.get(link.connector), is_two_way=there is not None and there.is_two_way)
    names = Names.of(lines.values())
    found = changes.of_link(tx, stored.id, link, now, rules)
    return Facts(
        link=_linked(tx, stored, lines, rules),
        accounts=_accounts(mine, held.read(tx, known)),
        hooks=_hooks(tx, mine, now),
        conflicts=[
            Conflict(one.field, one.case, one.incident_name or one.incident, one.since)
            for one in conflicts.of_link(stored, Names.of(lines.values()))
        ],
        changes=_by_todays_map(tx, stored, rules, found, names),
        queued=traces.queued(tx, link.integration, Side.INCIDENT),
        about=None if about is None else _by_todays_map(tx, stored, rules, [about], names)[0],
        **_parts(tx, now, list(known.values())),
    )


def of_record(tx: Tx, case: str, incident: str, source: str, now: datetime) -> Facts:
    """No link is about it: its source is all there is."""
    known = integrations.all_of(tx)
    mine = {known[source].side: known[source]} if source in known else {}
    return Facts(
        link=Linked.nowhere(case, incident),
        accounts=_accounts(mine, held.read(tx, known)),
        hooks=_hooks(tx, mine, now),
        **_parts(tx, now, list(known.values())),
    )


def _by_todays_map(tx: Tx, stored: StoredLink, rules: Rules, found: Sequence[Change], names: Names) -> list[Change]:
    """Of a value that had no counterpart: whether it has one now, whether it can have one at all, and the pair that gives it one."""
    if all(one.reason is not Reason.NOT_MAPPED for one in found):
        return list(found)
    last, due = store.left(tx, stored.id), unmapped.due(tx, stored.id, stored.link, rules)
    return [
        one
        if last is None or one.reason is not Reason.NOT_MAPPED or one.delivery != last.delivery
        else replace(
            one,
            is_mapped_now=due is not None,
            is_cleared=not stored.link.value(last.side, Field.PRIORITY),
            pair=_missing(stored.link, last.side, names),
        )
        for one in found
    ]


def _missing(link: Link, side: Side, names: Names) -> str:
    value = link.value(side, Field.PRIORITY) or ""
    if side is Side.CASE:
        return f"{value}={FAR_MISSING}"
    return f"{CASE_MISSING}={names.priority(link, value) or value}"


def _linked(tx: Tx, stored: StoredLink, lines: Mapping[str, Connector], rules: Rules) -> Linked:
    link, connector = stored.link, lines.get(stored.link.connector)
    return Linked(
        id=stored.id,
        case_id=link.case_id,
        incident_id=link.incident_id,
        state=link.state,
        reason=stored.reason,
        why_paused=links.why_paused(tx, stored.id) if link.is_paused else "",
        connector=link.connector,
        pairs=as_typed(pairs_of(connector)) if connector is not None else (),
        is_service_key=connector is not None and connector.path == "service_key",
        is_cut=link.is_cut or (bool(link.connector) and connector is None),
        stands=link.incident_url if link.is_cut else "",
        is_case_over=link.is_case_over,
        is_case_closed=link.is_case_closed,
        is_incident_over=link.value(Side.INCIDENT, Field.STATUS) == "resolved",
        differs=[*_differ(link), *_differ_in_priority(link, rules, lines)],
        opening=_opening(tx, stored.id),
    )


def _opening(tx: Tx, link_id: int) -> int | None:
    last = deliveries.find(tx, {"link_id": link_id, "action": ErrandKind.OPEN}, limit=1)
    return int(last[0]["id"]) if last else None


def _differ(link: Link) -> list[Apart]:
    """A closed case follows nothing any more, and a merged incident only looks resolved."""
    case, incident = (link.value(side, Field.STATUS) for side in Side)
    is_free = link.is_case_closed or link.value(Side.INCIDENT, Field.MERGED_INTO)
    if is_free or case is None or incident is None or case == incident:
        return []
    return [Apart(Field.STATUS, case, incident)]


def _differ_in_priority(link: Link, rules: Rules, lines: Mapping[str, Connector]) -> list[Apart]:
    found = differ(link, rules.priorities)
    if found is None:
        return []
    case, incident = found
    return [Apart(Field.PRIORITY, case, Names.of(lines.values()).priority(link, incident) or incident)]


def _accounts(mine: Mapping[Side, Integration], waiting: Held) -> dict[Side, Account]:
    return {side: _account(one, waiting) for side, one in mine.items()}


def _account(one: Integration, waiting: Held) -> Account:
    by = waiting.by_paused_account if one.is_paused else waiting.by_account
    return Account(
        slug=one.slug,
        side=one.side,
        can_be_read=one.can_be_read,
        is_connected=one.is_connected,
        is_answering=is_answering(one),
        code=one.code,
        reason=one.reason,
        since=one.since,
        cure="" if one.is_connected else cure(one),
        why_paused=one.why_paused if one.is_paused else "",
        is_observed=one.is_observed,
        is_read_only=one.is_read_only,
        is_unread=one.is_unread,
        is_two_way=one.is_two_way,
        held=by.get(one.slug, 0),
    )


def _hooks(tx: Tx, mine: Mapping[Side, Integration], now: datetime) -> dict[Side, Hooks]:
    seen = subscriptions.read(tx, now)
    turned_away = incoming.read(tx, now, {one.slug: one for one in mine.values()})
    return {side: _looks(tx, one, _of_source(one, seen.troubles, turned_away)) for side, one in mine.items()}


def _looks(tx: Tx, one: Integration, hooks: Hooks) -> Hooks:
    """For what no hook has told."""
    looking = " ".join(doubts.looked_for(tx, one.slug))
    failed = next(iter(reconciles.failed(tx, one.slug)), None)
    if failed is None:
        return replace(hooks, looking=looking) if looking else hooks
    return replace(hooks, unmade=overdue.failed(failed), mends_unmade=overdue.remedy(failed), looking=looking)


def _of_source(one: Integration, troubles: Sequence[tuple[str, Trouble]], came: incoming.Incoming) -> Hooks:
    trouble = next((it for slug, it in troubles if slug == one.slug), None)
    refused = came.turned_away.get(one.slug)
    if trouble is None and refused is None:
        return NO_TROUBLE
    is_theirs = refused is not None and refused.is_theirs
    return Hooks(
        trouble="" if trouble is None else trouble.detail,
        remedy="" if trouble is None else subscriptions.remedy(one.slug, trouble, is_by_oauth=one.is_by_oauth),
        is_silent=trouble is not None and trouble.reason is Reason.SUBSCRIPTION_SILENT,
        is_mended_by_us=trouble is not None and trouble.is_mended_by_us,
        turned_away=refused.count if refused is not None and is_theirs else 0,
        of_strangers=incoming.of_strangers(one.slug, refused.count) if refused is not None and not is_theirs else "",
        right_secret=incoming.right_secret(one.slug, is_made_by_us=one.slug in came.made_by_us),
    )


def _parts(tx: Tx, now: datetime, accounts: Sequence[Integration]) -> dict[str, Any]:
    """Of a receiver that was never there nobody can say that it is missing: the accounts may be polled."""
    there = {one.part: one for one in parts.read(tx, now, [one.gap for one in accounts if one.gap is not None])}
    worker, receiver = there["worker"], there["receiver"]
    is_lost = not receiver.instances and receiver.last_seen is not None
    return {
        "no_worker": "" if worker.instances else parts.missing(worker, now),
        "no_receiver": parts.missing(receiver, now) if is_lost else "",
    }
