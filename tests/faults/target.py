"""A real `syncd web` in a folder of its own, with one account of each side whose hooks it takes; its far sides are nowhere."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.connections.vault import Vault, generate_key
from syncd.core.changes import Side
from syncd.store import integrations
from syncd.store.database import Database
from syncd.store.schema import upgrade
from tests.e2e.fleet import answers
from tests.e2e.program import Program, syncd
from tests.e2e.waiting import until
from tests.faults.disk import Disk
from tests.faults.shots import DESK, DESK_SECRET, PAGERDUTY, SECRET
from tests.parts.loopback import OPENED
from tests.parts.ports import free_port

NOWHERE = "http://127.0.0.1:9"


@dataclass(slots=True)
class Target:
    web: Program
    port: int
    db: Database
    connections: Connections
    env: dict[str, str] = field(repr=False)

    @property
    def resident(self) -> int:
        """Bytes of memory that it holds."""
        said = Path(f"/proc/{self.web.pid}/status").read_text(encoding="ascii")
        return int(said.partition("VmRSS:")[2].split()[0]) * 1024

    def lines(self, event: str = "") -> list[str]:
        return [line for line in self.web.said().splitlines() if event in line]

    def await_ready(self) -> None:
        url = f"http://127.0.0.1:{self.port}/readyz"
        until(lambda: answers(url) or not self.web.is_running(), "the web is ready")
        assert self.web.is_running(), self.web.said()[-2000:]


@contextmanager
def target(folder: Path, redis_url: str, *, at: Disk | None = None, **settings: object) -> Iterator[Target]:
    """Its database is in this folder, or moved to a disk of its own. What stands in `settings` is said in its environment."""
    clock, key, port = Clock(), generate_key(), free_port()
    file = folder / "syncd.db"
    db, vault = Database(f"sqlite:///{file}", clock), Vault(key)
    upgrade(db)
    _connect(db, vault, clock)
    if at is not None:
        db.close()
    env = {
        "SYNCD_DATABASE_URL": f"sqlite:///{file}" if at is None else at.take(file),
        "SYNCD_REDIS_URL": redis_url,
        "SYNCD_MASTER_KEYS": key,
        "SYNCD_API_TOKEN": secrets.token_urlsafe(16),
        "SYNCD_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SYNCD_OUTGOING_ALLOW": OPENED,
        "SYNCD_SWEEP_S": "1",
        **{f"SYNCD_{name.upper()}": str(value) for name, value in settings.items()},
    }
    within = () if at is None else at.within
    web = Program(
        "web", (*within, *syncd("web", "--port", str(port), "--console-port", str(free_port()))), env, folder / "web"
    )
    made = Target(web, port, db, Connections(db, vault, clock), env)
    try:
        web.start()
        made.await_ready()
        yield made
    finally:
        web.stop()
        if at is None:
            db.close()


def _connect(db: Database, vault: Vault, clock: Clock) -> None:
    accounts = (
        (
            PAGERDUTY,
            "pagerduty",
            Side.INCIDENT,
            {"from": "bot@syncd.test", "from_user_id": "PBOT001"},
            "api_key",
            SECRET,
        ),
        (DESK, "casedesk", Side.CASE, {"account": "syncd", "ca_file": ""}, "token", DESK_SECRET),
    )
    for slug, system, side, settings, credential, secret in accounts:
        seal = partial(vault.seal, f"integration:{slug}")
        with db.write() as tx:
            integrations.add(
                tx,
                slug=slug,
                system=system,
                side=side,
                base_url=NOWHERE,
                settings=settings,
                sealed=seal({credential: "k"}),
                now=clock.now(),
            )
            integrations.add_hook_secret(tx, slug, vault.seal(f"hook:{slug}", {"secret": secret}), "", clock.now())
