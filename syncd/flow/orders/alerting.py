"""Somebody sends an alert to a service key: it is written down as an arrival, and goes the way of every other change."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from syncd.core.alert import SEVERITIES, SOURCE, STATUSES, TRIGGER, Alert, body_of, record_of
from syncd.core.changes import Side
from syncd.core.shard import shard_of
from syncd.errors import Conflict, Misconfigured, NotFound, TakesNoAlerts
from syncd.store import arrivals, connectors, integrations, keyring
from syncd.store.arrivals import NewArrival
from syncd.store.database import Database, Tx

MOST_OF_A_KEY = 190  # with its connector's name it is the name of a record, and PagerDuty takes 255


@dataclass(frozen=True, slots=True)
class Order:
    connector: str
    action: str
    by: str
    summary: str = ""
    severity: str = "error"
    dedup_key: str = ""  # empty: a new one is made, which only a trigger can do with
    source: str = ""
    details: str = ""
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Ordered:
    dedup_key: str
    is_new: bool  # False: this was asked for before, under the same idempotency key
    shard: int


def send(db: Database, order: Order, idempotency_key: str | None = None) -> Ordered:
    _refuse_unclear(order)
    dedup_key = order.dedup_key or _made(order.connector, idempotency_key)
    record = record_of(order.connector, dedup_key)
    alert = Alert(dedup_key, order.source, order.details, order.links)
    body = body_of(order.action, record, order.connector, order.by, order.summary, order.severity, alert)
    with db.write() as tx:
        _refuse_connector(tx, order.connector)
        ensure_source(tx, db)
        event_key = None if idempotency_key is None else _digest(order.connector, idempotency_key)
        before = None if event_key is None else arrivals.body_of(tx, SOURCE, event_key)
        if before and before != body:
            raise Conflict("This idempotency key was used for another alert; use a new one for each alert.")
        now, shard = db.now(tx), shard_of(record)
        row = NewArrival(SOURCE, event_key, f"alert.{order.action}", record, body, now, shard)
        (number,) = arrivals.add_many(tx, [row])
    return Ordered(dedup_key, number is not None, shard)


def ensure_source(tx: Tx, db: Database) -> None:
    """With the first alert. Of two at once only one may make it."""
    there = integrations.get(tx, SOURCE)
    if there is None:
        keyring.hold(tx)
        there = integrations.get(tx, SOURCE)
    if there is None:
        kind, side = integrations.ALERTS, Side.CASE
        integrations.add(tx, slug=SOURCE, system=kind, side=side, base_url="", settings={}, sealed=None, now=db.now(tx))
    elif there.system != integrations.ALERTS:
        raise Conflict(f"An integration is called {SOURCE}, which is the name that alerts need; connect it by another.")


def _refuse_unclear(order: Order) -> None:
    if order.action not in {TRIGGER, *STATUSES}:
        raise Misconfigured(f"There is no action {order.action}; use {', '.join([TRIGGER, *STATUSES])}.")
    if order.severity not in SEVERITIES:
        raise Misconfigured(f"There is no severity {order.severity}; use {', '.join(SEVERITIES)}.")
    if order.action == TRIGGER and not order.summary.strip():
        raise Misconfigured("A trigger needs a summary: the line that people are called with.")
    if order.action != TRIGGER and not order.dedup_key:
        raise Misconfigured(f"To {order.action} an alert its dedup key is needed, the one it was triggered with.")
    if len(order.dedup_key) > MOST_OF_A_KEY:
        raise Misconfigured(f"A dedup key has at most {MOST_OF_A_KEY} characters; give a shorter one.")
    for _, href in order.links:
        if not href.startswith(("https://", "http://")):
            raise Misconfigured("The address of a link begins with https:// or http://.")


def _refuse_connector(tx: Tx, name: str) -> None:
    connector = connectors.all_of(tx).get(name)
    if connector is None:
        raise NotFound(f"There is no connector called {name}; `syncd connectors list` shows those there are.")
    if connector.path != "service_key":
        raise TakesNoAlerts(
            f"Connector {name} is Bi-directional and takes cases only; send alerts to one with the badge Service key."
        )


def _made(connector: str, idempotency_key: str | None) -> str:
    """Asked for again it has to be the same."""
    return secrets.token_hex(16) if idempotency_key is None else _digest(connector, idempotency_key)


def _digest(connector: str, idempotency_key: str) -> str:
    told = f"{connector}\0{idempotency_key}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(told).hexdigest()[:32]
