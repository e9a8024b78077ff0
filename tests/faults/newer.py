"""Credentials that came later than keys and tokens of a fleet: planted, renewed, quoted, and where they are looked for."""

from __future__ import annotations

import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import sleep

import httpx
from sqlalchemy import func, select, text

from syncd.connections.joining.setup import Setup
from syncd.connections.master_key import open_vault
from syncd.connections.webhooks.making import make_webhook
from syncd.connections.webhooks.rotation import Rotation
from syncd.core.permissions import Role
from syncd.flow.access import people, tokens
from syncd.flow.orders import alerting
from syncd.flow.orders.alerting import Order
from syncd.store import hook_secrets, integrations
from syncd.store.tables import deliveries
from tests.connections.planting import AGREED, CLIENT, PAGER, a_service_key, an_agreed_account, tokens_of
from tests.e2e.fleet import ACCOUNT, Fleet
from tests.e2e.program import ROOT, syncd
from tests.e2e.waiting import until

_PASSWORD = "planted correct horse battery"
_ALERTS = 4
_TOLD_BY = (
    ("doctor", "--all", "--write-probe", "-o", "json"),
    ("explain", "-o", "json"),
    ("deliveries", "list", "--limit", "500", "-o", "json"),
    ("links", "list", "-o", "json"),
    ("integrations", "list", "-o", "json"),
    ("integrations", "log", AGREED, "-o", "json"),
    ("status", "-o", "json"),
)


@dataclass(frozen=True, slots=True)
class Newer:
    fleet: Fleet

    def planted(self) -> dict[str, str]:
        """A service key, an account somebody agreed to, an API token, and a user, who signs in."""
        made = self.fleet
        registered = {"id": CLIENT.id, "secret": CLIENT.secret, "kind": CLIENT.kind}
        rights = {"scopes": list(CLIENT.scopes), "redirects": list(CLIENT.redirects)}
        made.pagerduty_peer.post("/_sim/oauth/clients", {**registered, **rights})
        token = tokens.issue(made.db, name="planted", role=Role.OPERATOR, scope=(), by="Ana").token
        people.add(made.db, name="Dana Ruiz", role=Role.OPERATOR, password=_PASSWORD, by="Ana")
        with httpx.Client(base_url=made.console_url(), trust_env=False) as browser:
            for name, secret in (("Dana Ruiz", _PASSWORD), (_PASSWORD, "x"), ("Dana Ruiz", token)):
                browser.post("/login", data={"name": name, "token": secret})
            for given in (token, f"{token}x"):
                browser.get("/v1/cases", headers={"Authorization": f"Bearer {given}"})
        with (
            made.db.write() as tx
        ):  # One simulator is both accounts: of the first nobody knows which it is, as of an old one.
            integrations.learn_host(tx, ACCOUNT, "")
        agreed = an_agreed_account(self._setup(), made.pagerduty_peer.base_url)
        key, misplaced = a_service_key(self._setup(), made.gate.url), self._misplaced()
        return {
            **key,
            "key typed in another place": misplaced,
            **agreed,
            "user's password": _PASSWORD,
            "API token of a person": token,
        }

    def _misplaced(self) -> str:
        key, email = "u+misplacedkey000000", "ana.lima@example.com"
        env = {
            **self.fleet.env,
            "PYTHONPATH": str(ROOT),
            "SYNCD_HOME": str(self.fleet.settings.home),
            "SYNCD_SECRET": key,
        }
        agreed = ("--consent", "--two-way")
        for words in (("zz", "--email", key), ("zz", "--email", email, "--where", key), (key, "--email", email)):
            command = syncd("integrations", "add", *words, *agreed)
            done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
            assert (done.returncode, "looks like a key" in done.stderr) == (2, True), done.stderr
        return key

    def rotated(self) -> dict[str, str]:
        """The secret that was, and the one that has taken its place, as a real receiver has proved."""
        make_webhook(self._setup(), AGREED, self.fleet.web_url())
        before = self._hook_secret()
        Rotation(self._setup(), AGREED, self.fleet.web_url(), sleep).run()
        assert self._hook_secret() != before
        return {"hook secret that was replaced": before, "hook secret that took its place": self._hook_secret()}

    def quoted(self) -> None:
        """The Events API says whatever PagerDuty was given, while it refuses an alert and while it fails over one."""
        words = f"{', '.join((CLIENT.secret, *tokens_of(self._setup()).values(), *self._keys()))} is not good"
        said = {"status": "invalid event", "message": words, "errors": [words]}
        for status in (400, 500):
            self.fleet.pagerduty_peer.lay(count=2, path="/v2/enqueue", status=status, body=said)
        for number in range(_ALERTS):
            alerting.send(self.fleet.db, Order(PAGER, "trigger", "Ana", f"Disk {number} is full"))
        until(lambda: self._unhappy() > 1, "alerts were refused")

    def told(self, folder: Path) -> Iterator[tuple[str, str]]:
        """By commands, and by the support bundle, which gets the workers' logs as well."""
        for words in _TOLD_BY:
            yield f"syncd {words[0]}", self._said(*words)
        logs = [f"--log={program.log}" for program in self.fleet.programs[2:]]
        yield "syncd support-bundle", self._said("support-bundle", "-f", str(folder / "bundle.tar.gz"), *logs)
        with tarfile.open(folder / "bundle.tar.gz") as tar:
            for member in tar.getmembers():
                if (file := tar.extractfile(member)) is not None:
                    yield member.name.rpartition("/")[2], file.read().decode()

    def dump(self) -> str:
        """Every column of every row; what is binary as the text it would be."""
        with self.fleet.db.read() as tx:
            tables = list(tx.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")))
            rows = [row for table in tables for row in tx.execute(text(f'SELECT * FROM "{table}"'))]  # noqa: S608  our tables
        return "\n".join(one.decode("latin-1") if isinstance(one, bytes) else str(one) for row in rows for one in row)

    def _said(self, *words: str) -> str:
        env = {**self.fleet.env, "PYTHONPATH": str(ROOT), "SYNCD_HOME": str(self.fleet.settings.home)}
        done = subprocess.run(syncd(*words), env=env, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode in {0, 1}, done.stderr
        return done.stdout + done.stderr

    def _setup(self) -> Setup:
        made = self.fleet
        return Setup(made.db, open_vault(made.settings, made.db), made.db.clock, made.settings.outgoing())

    def _keys(self) -> list[str]:
        setup = self._setup()
        return [setup.credentials(setup.integration(PAGER))["routing_key"]]

    def _hook_secret(self) -> str:
        setup = self._setup()
        with setup.db.read() as tx:
            (kept,) = hook_secrets.listing(tx, AGREED)
        return setup.vault.unseal(f"hook:{AGREED}", kept.sealed)["secret"]

    def _unhappy(self) -> int:
        refused = (deliveries.c.integration == PAGER, deliveries.c.response.is_not(None))
        with self.fleet.db.read() as tx:
            return tx.execute(select(func.count()).where(*refused)).scalar_one()
