"""A syncd to be measured: embedded store and broker, linked cases, and its processes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

from syncd.clock import Clock
from syncd.connections.joining.builtin import ensure_builtin
from syncd.connections.joining.casedesk import add_casedesk
from syncd.connections.joining.setup import Setup
from syncd.connections.master_key import open_vault
from syncd.connections.vault import generate_key
from syncd.connections.webhooks.making import add_hook_secret
from syncd.core.changes import Field, Side, Status
from syncd.core.link import Link, LinkState
from syncd.core.shard import shard_of
from syncd.embedded.valkey import Valkey
from syncd.embedded.valkey import running as valkey_running
from syncd.settings import Settings
from syncd.store import connectors, integrations, links
from syncd.store.cases import Cases, Hand, NewCase
from syncd.store.connectors import Connector
from syncd.store.database import Database
from syncd.store.schema import upgrade
from syncd.wiring import database
from tests.bench.process import free_port
from tests.parts.loopback import OPENED

from .hooks import SECRET

PRIORITIES = ("P1", "P2", "P3", "P4", "P5")


@dataclass(frozen=True, slots=True)
class Rig:
    settings: Settings
    db: Database
    env: Mapping[str, str]
    folder: Path


@contextmanager
def rig(
    folder: Path,
    port: int,
    case_system: str = "cases",
    desk_url: str = "",
    desk_token: str = "",
    *,
    database_url: str = "",
) -> Iterator[Rig]:
    """Without a `database_url` it has SQLite in its folder, and a key beside it."""
    key = generate_key() if database_url else ""
    with valkey_running(Valkey(folder)) as valkey:
        console = free_port()
        settings = Settings(
            home=folder,
            http_port=port,
            console_port=console,
            redis_url=valkey.url,
            log_level="error",
            outgoing_allow=OPENED,
            database_url=database_url,
            master_keys=SecretStr(key),
        )
        db = database(settings)
        upgrade(db)
        setup = Setup(db, open_vault(settings, db), Clock(), settings.outgoing())
        ensure_builtin(db, f"http://127.0.0.1:{console}")
        if desk_url:
            add_casedesk(setup, case_system, base_url=desk_url, token=desk_token)
            add_hook_secret(setup, case_system, SECRET)  # Without one it would be polled meanwhile.
        _pagerduty(setup, case_system)
        env = {
            "SYNCD_HOME": str(folder),
            "SYNCD_REDIS_URL": valkey.url,
            "SYNCD_HTTP_PORT": str(port),
            "SYNCD_CONSOLE_PORT": str(console),
            "SYNCD_LOG_LEVEL": "error",
            "SYNCD_OUTGOING_ALLOW": OPENED,
            **({"SYNCD_DATABASE_URL": database_url, "SYNCD_MASTER_KEYS": key} if database_url else {}),
        }
        yield Rig(settings, db, env, folder)
        db.close()


def _pagerduty(setup: Setup, case_system: str) -> None:
    """An account as if it had been connected: nothing here calls PagerDuty."""
    with setup.db.write() as tx:
        now = setup.db.now(tx)
        integrations.add(
            tx,
            slug="pagerduty",
            system="pagerduty",
            side=Side.INCIDENT,
            base_url="http://127.0.0.1:9",
            settings={"from": "bot@example.com", "from_user_id": "PBOT"},
            sealed=setup.vault.seal("integration:pagerduty", {"api_key": "x" * 20}),
            now=now,
        )
        pairs = [{"case": one, "incident": one, "name": one} for one in PRIORITIES]
        connector = Connector("bench", "pagerduty", case_system, "bidirectional", "PSERVICE", "Bench", pairs, {})
        connectors.add(tx, connector, now)
    add_hook_secret(setup, "pagerduty", SECRET)


def linked_cases(rig: Rig, case_ids: list[str], case_system: str = "cases", known: Sequence[str] = ()) -> list[str]:
    """A link for each case, as an opening would have left it. The incidents' ids; `known`: of those that are there."""
    incidents = []
    with rig.db.write() as tx:
        now = rig.db.now(tx)
        before = now - timedelta(hours=1)
        for number, case_id in enumerate(case_ids):
            link = Link("", case_system, case_id, "pagerduty", connector="bench", state=LinkState.OPENING)
            stored = links.create(
                tx, link, key=f"bench-{number}", title="", body="", shard=shard_of(f"{case_system}/{case_id}"), now=now
            )
            incident = known[number] if known else f"Q{number:06d}"
            opened = Link(str(stored.id), case_system, case_id, "pagerduty", incident, "bench", LinkState.OPEN)
            for side, priority in ((Side.CASE, "P3"), (Side.INCIDENT, "P3")):
                opened = opened.saw(side, Field.STATUS, Status.OPEN, before).saw(side, Field.PRIORITY, priority, before)
            links.save(tx, stored, opened, opened_at=now)
            incidents.append(incident)
    return incidents


def open_cases(rig: Rig, count: int) -> list[str]:
    cases = Cases(rig.db)
    return [cases.open(NewCase(f"Case {n}"), Hand("bench", "bench", is_syncd=True)).case.key for n in range(count)]


def as_json(figures: Mapping[str, object]) -> str:
    return json.dumps(figures, indent=2)
