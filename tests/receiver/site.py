"""A receiver with everything real behind it: a database with accounts in it, and ways to sign and send what those accounts would."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select, text
from starlette.types import ASGIApp

from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.connections.vault import Vault, generate_key
from syncd.core.changes import Side
from syncd.receiver.app import Parts, Receiver
from syncd.receiver.limits import Tally
from syncd.receiver.server import server
from syncd.settings import Settings
from syncd.simulator import signing
from syncd.store import heartbeats, integrations
from syncd.store.database import Database
from syncd.store.tables import arrivals, deliveries, metadata
from tests.parts.ports import free_port
from tests.waiting import wait_until

SECRET = "a secret of PagerDuty's, taken as text"


@dataclass
class Ringer:
    """A bell that remembers."""

    rung: list[list[int]] = field(default_factory=list)

    def ring(self, shards: Iterable[int]) -> None:
        self.rung.append(sorted(shards))


@dataclass
class Site:
    db: Database
    vault: Vault
    connections: Connections
    clock: Clock
    bell: Ringer = field(default_factory=Ringer)

    def parts(self, max_bytes: int = 1024 * 1024) -> Parts:
        return Parts(self.db, self.connections, self.bell, self.clock, self.check, self.probe, max_bytes)

    def check(self) -> None:
        with self.db.read() as tx:
            tx.execute(text("SELECT 1"))

    def probe(self) -> None:
        with self.db.write() as tx:
            heartbeats.beat(tx, "receiver", "here", self.clock.now())

    def add_source(self, slug: str, *secrets: str) -> None:
        now = self.clock.now()
        with self.db.write() as tx:
            integrations.add(
                tx,
                slug=slug,
                system="pagerduty",
                side=Side.INCIDENT,
                base_url="http://127.0.0.1:9",
                settings={"from": "bot@syncd.test", "from_user_id": "PBOT001"},
                sealed=self.vault.seal(f"integration:{slug}", {"api_key": "k"}),
                now=now,
            )
        for secret in secrets:
            self.add_secret(slug, secret)

    def add_secret(self, slug: str, secret: str) -> None:
        with self.db.write() as tx:
            sealed = self.vault.seal(f"hook:{slug}", {"secret": secret})
            integrations.add_hook_secret(tx, slug, sealed, "", self.clock.now())

    def arrivals(self) -> list[dict[str, Any]]:
        with self.db.read() as tx:
            return [dict(row) for row in tx.execute(select(arrivals).order_by(arrivals.c.id)).mappings()]

    def deliveries(self) -> list[dict[str, Any]]:
        with self.db.read() as tx:
            return [dict(row) for row in tx.execute(select(deliveries).order_by(deliveries.c.id)).mappings()]


@contextmanager
def site(folder: Path, master_key: str | None = None, url: str = "") -> Iterator[Site]:
    """On SQLite in this folder or on the empty database at this URL, with one PagerDuty account called `pd`."""
    clock = Clock()
    db = Database(url or f"sqlite:///{folder}/syncd.db", clock)
    vault = Vault(master_key or generate_key())
    made = Site(db, vault, Connections(db, vault, clock), clock)
    if master_key is None:
        metadata.create_all(db.engine)
        made.add_source("pd", SECRET)
    yield made
    db.close()


@contextmanager
def served(here: Site, **changed: Any) -> Iterator[tuple[Receiver, int]]:  # noqa: ANN401  Any setting.
    """The receiver and the port it listens on."""
    receiver = Receiver(here.parts())
    with running(receiver.application(), receiver.tally, **changed) as port:
        yield receiver, port


@contextmanager
def running(app: ASGIApp, tally: Tally, **changed: Any) -> Iterator[int]:  # noqa: ANN401  Any setting.
    """Under a real uvicorn with our protocol, in a thread; the port it listens on."""
    settings = Settings(home=Path("/nonexistent"), http_port=free_port(), **changed)
    daemon = server(app, settings, tally)
    thread = threading.Thread(target=daemon.run, daemon=True)
    thread.start()
    wait_until(lambda: daemon.started)
    yield settings.http_port
    daemon.should_exit = True
    thread.join(20)
    assert not thread.is_alive()


def event(event_id: str = "01EVENT", incident: str = "PT4KHLK", kind: str = "incident.acknowledged") -> bytes:
    data = {"id": incident, "type": "incident", "status": "acknowledged", "title": "Disk full"}
    envelope = {"id": event_id, "event_type": kind, "resource_type": "incident", "agent": None, "data": data}
    return json.dumps({"event": {**envelope, "occurred_at": "2026-11-21T12:00:00.000Z"}}).encode()


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"content-type": "application/json", "x-pagerduty-signature": signing.pagerduty([secret], body)}


def request(body: bytes, headers: Mapping[str, str], path: str = "/hooks/pd") -> bytes:
    """The bytes of a whole request."""
    lines = [f"POST {path} HTTP/1.1", "Host: here", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
