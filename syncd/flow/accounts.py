"""An account comes and goes: disconnected when our credential or our user is refused, probed while it is, and everything kept
meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog

from syncd import errors
from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.core import retry
from syncd.core.connection import STILL_READ, Kind
from syncd.core.lifecycle import IntegrationState
from syncd.core.reasons import Outcome, Reason
from syncd.store import connection_log, diagnoses, holds, integrations, links, reconciles, rests, watches
from syncd.store.database import Database, Tx
from syncd.store.evidence import collections
from syncd.store.integrations import Integration
from syncd.systems.port import System
from syncd.systems.trip import Trip

from . import rows
from .book import Book
from .turn import Turn

log = structlog.get_logger(__name__)

PROBE_AFTER_FAILURES = 3  # connections in a row that were not made
PROBE_EVERY = timedelta(seconds=10)
ASK_AGAIN_EVERY = timedelta(seconds=60)  # while disconnected: somebody may have mended it over there
KEY_REFUSED = "PAG-100-B"
KEY_READS_ONLY = "SYN-PAG-READONLY"  # it is accepted, and may not write
SERVICE_KEY_REFUSED = "SYN-PAG-SERVICE-KEY"  # no service has this integration key any more
SENDER_REFUSED = "SYN-PAG-SENDER"  # the user our writes are made as; the key is accepted, and may read


def answered(turn: Turn, slug: str) -> None:
    turn.reached.add(slug)


def failed(turn: Turn, slug: str, error: errors.SideError) -> None:
    """What an error says of the account, and not only of the errand that met it."""
    doubt(turn, slug, error)
    match error:
        case errors.Unauthorised():
            turn.refused[slug] = (_code_of(error), str(error))
        case errors.Unreachable():
            turn.unreached[slug] = turn.unreached.get(slug, 0) + 1
        case errors.RateLimited():
            turn.reached.add(slug)
            turn.rests[slug] = max(_rest_after(error), turn.rests.get(slug, 0.0))
        case errors.Refused() | errors.Postponed():
            turn.reached.add(slug)


def doubt(turn: Turn, slug: str, error: errors.SideError) -> None:
    """What its key may still do is asked soon."""
    if is_about_rights(error):
        turn.doubted.add(slug)


def is_about_rights(error: errors.SideError) -> bool:
    return isinstance(error, errors.Unauthorised) or error.status in {401, 403}


def refused(
    db: Database, connections: Connections, slug: str, error: errors.Unauthorised, *, is_diagnosed: bool = False
) -> None:
    """Found by whoever reads without a turn, and written down as a turn would."""
    with db.write() as tx:
        turn = Turn(tx, db.now(tx), Book.open(tx, connections), timedelta(0))
        failed(turn, slug, error)
        if is_diagnosed:
            turn.doubted.discard(slug)
        write_down(turn)
        turn.write()


def doubted(db: Database, slug: str) -> None:
    """Likewise."""
    with db.write() as tx:
        diagnoses.hasten(tx, slug, db.now(tx))


def limited(db: Database, slug: str, error: errors.RateLimited) -> None:
    """Likewise: whatever waits for this account is not hastened to before it has rested."""
    seconds = _rest_after(error)
    if seconds:
        with db.write() as tx:
            rests.ask(tx, slug, db.now(tx) + timedelta(seconds=seconds))


def _rest_after(error: errors.RateLimited) -> float:
    """Our own budget, which answers without a status, is asked again by every try anyhow."""
    return 0.0 if error.status is None else error.retry_after


def _code_of(error: errors.Unauthorised) -> str:
    match error:
        case errors.UnknownSender():
            return SENDER_REFUSED
        case errors.ReadOnly():
            return KEY_READS_ONLY
        case errors.UnknownServiceKey():
            return SERVICE_KEY_REFUSED
        case _:
            return KEY_REFUSED


def cure(integration: Integration) -> str:
    """What a person can do about one that is disconnected."""
    if integration.is_paused:
        return (
            f"It is paused as well, so that nobody asks it again: `syncd integrations resume {integration.slug}`, and then "
            f"`syncd integrations test {integration.slug}` says whether its credential works."
        )
    if integration.code == SENDER_REFUSED:
        by_key = f"`syncd integrations set {integration.slug} --email ADDRESS`"
        by_oauth = f"`syncd integrations authorise {integration.slug}`, of an application that acts for itself with `--email ADDRESS`"
        return (
            "Let that user respond to incidents in PagerDuty, or name another: "
            f"{by_oauth if integration.is_by_oauth else by_key}; what is held then goes on in order."
        )
    if integration.is_by_oauth:
        return f"Somebody has to agree again: `syncd integrations authorise {integration.slug}`; what is held then goes on in order."
    which = "may write" if integration.code == KEY_READS_ONLY else "works"
    # A personal key dies with its owner, and then so does the name that is written in.
    is_anybodys = integration.code == KEY_REFUSED and "from" in integration.settings
    named = ", with `--email ADDRESS` if the user our writes are made as has left too" if is_anybodys else ""
    return (
        f"Give it a credential that {which}: `syncd integrations rotate {integration.slug}`{named}; what is held then goes on "
        "in order."
    )


def is_answering(integration: Integration) -> bool:
    """Whether it can be read, if not written to."""
    return integration.state is IntegrationState.CONNECTED or integration.code in STILL_READ


def may_read(integration: Integration) -> bool:
    return is_answering(integration) and not integration.is_paused


def is_readable(book: Book, slug: str) -> bool:
    """Not one that was removed either."""
    return slug in book.integrations and may_read(book.integrations[slug])


def let_go_of_hooks(tx: Tx, known: Iterable[Integration], now: datetime) -> list[int]:
    """Those that are held for an account that can be read by now. The shards to wake."""
    readable = [one.slug for one in known if may_read(one)]
    return holds.let_go_of_hooks(tx, readable, now)


def write_down(turn: Turn) -> None:
    """At the end of a turn and in one order, so that two turns never wait for each other's accounts in a circle."""
    heard_of = {*turn.refused, *turn.unreached, *turn.reached}
    for slug in sorted(heard_of & turn.book.integrations.keys()):  # One of them may have been removed meanwhile.
        if turn.rests.get(slug):
            rests.ask(turn.tx, slug, turn.now + timedelta(seconds=turn.rests[slug]))
        if slug in turn.unreached:
            _catch_up_with_answer(turn, slug)
        if slug in turn.refused:
            _disconnect(turn, slug, *turn.refused[slug])
        elif slug in turn.reached:
            _reached(turn, slug)
        else:
            _unreached(turn, slug, turn.unreached[slug])
    for slug in sorted(turn.doubted & turn.book.integrations.keys()):
        diagnoses.hasten(turn.tx, slug, turn.now)


def _catch_up_with_answer(turn: Turn, slug: str) -> None:
    """Whoever heard it answer since this turn began has skipped what this turn holds, and whoever hears it later finds that free.

    What the turn has put off for want of a connection is therefore hastened by the turn itself.
    """
    there = integrations.lock(turn.tx, slug)
    if there is not None and there.is_connected and there.since != turn.book.integrations[slug].since:
        turn.shards.update(_hasten(turn.tx, there, turn.now))


def _reached(turn: Turn, slug: str) -> None:
    if turn.book.integrations[slug].failures:
        integrations.forget_failures(turn.tx, slug)


def _unreached(turn: Turn, slug: str, count: int) -> None:
    probe_at = turn.now + PROBE_EVERY
    integrations.count_failures(turn.tx, slug, count, probe_from=PROBE_AFTER_FAILURES, probe_at=probe_at)


def _disconnect(turn: Turn, slug: str, code: str, reason: str) -> None:
    """Hold everything that would go there. Nothing is lost: it goes on, in its order, after a reconnect."""
    probe_at = turn.now + ASK_AGAIN_EVERY
    if not integrations.disconnect(turn.tx, slug, code=code, reason=reason, now=turn.now, probe_at=probe_at):
        return
    connection_log.add(turn.tx, slug, Kind.DISCONNECTED, now=turn.now, code=code, detail=reason)
    side = turn.book.integrations[slug].side
    for waiting in holds.hold_account(turn.tx, slug, side, Reason.DISCONNECTED):
        link = links.get(turn.tx, waiting.link_id)
        if link is not None:
            ended = rows.Ended(Outcome.HELD, Reason.DISCONNECTED, f"{code}: {reason}")
            turn.say(rows.of_errand(waiting, link, turn.now, ended))
    log.error("integration.disconnected", integration=slug, code=code, reason=reason)


def probe(db: Database, connections: Connections, clock: Clock) -> list[int]:
    """Ask one account whose turn it is. The shards that may go on if it answers."""
    with db.write() as tx:
        now = db.now(tx)
        due = integrations.take_probe(tx, now, now + PROBE_EVERY)
    return [] if due is None else ask_again(db, connections, clock, due)


def ask_again(db: Database, connections: Connections, clock: Clock, due: Integration) -> list[int]:
    """Likewise, of this one."""
    try:
        _ask(connections.system(due), due, Trip.begin(f"p{due.slug}", clock.monotonic))
    except (errors.SideError, errors.Misconfigured, errors.NotFound) as error:
        with db.write() as tx:
            integrations.probe_later(tx, due.slug, db.now(tx) + _pause(due))
        log.info("integration.probed", integration=due.slug, answer=str(error))
        return []
    with db.write() as tx:
        return let_go_on(tx, due, db.now(tx))


def _ask(system: System, integration: Integration, trip: Trip) -> None:
    """About all that has to be in order for it to go on."""
    system.check(trip)
    if integration.code == SENDER_REFUSED:
        system.check_sender(trip)
    if integration.code == KEY_READS_ONLY:
        system.check_writing(trip)


def let_go_on(tx: Tx, integration: Integration, now: datetime) -> list[int]:
    """It answers: what its absence held goes on, and what waits for another try is tried now."""
    slug = integration.slug
    if not integration.is_connected:
        connection_log.add(tx, slug, Kind.CONNECTED, now=now, detail="It accepts our credential again.")
    integrations.connect(tx, slug, now)
    shards = {*holds.let_go(tx, slug, integration.side, Reason.DISCONNECTED, now), *_hasten(tx, integration, now)}
    look_at_once(tx, slug, now)
    collections.go_on(tx, slug, now)
    log.info("integration.answers", integration=slug, was=str(integration.state), shards=len(shards))
    return sorted(shards)


def _hasten(tx: Tx, integration: Integration, now: datetime) -> set[int]:
    """What waits for another try is tried now, or where the account is paused, with the resume."""
    slug = integration.slug
    shards = set(holds.hasten(tx, slug, integration.side, now, now + retry.LANDS_WITHIN))
    if integration.is_paused:
        holds.hold_tried_hooks(tx, slug)
        return shards
    return shards | set(holds.hasten_hooks(tx, slug, now))


def look_at_once(tx: Tx, slug: str, now: datetime) -> None:
    """At its webhook subscriptions, and for what it has changed unheard: both were put off while nobody could."""
    watches.hasten(tx, slug, now)
    diagnoses.hasten(tx, slug, now)
    reconciles.hasten(tx, slug, now)


def _pause(integration: Integration) -> timedelta:
    return ASK_AGAIN_EVERY if integration.state is IntegrationState.DISCONNECTED else PROBE_EVERY
