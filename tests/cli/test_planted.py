"""Credentials of every kind go through the ways there are, and are looked for in dump, logs, rows, doctor and support bundle."""

from __future__ import annotations

import logging
import sqlite3
import tarfile
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from syncd.clock import Clock
from syncd.configuration import load
from syncd.connections.joining.setup import Setup
from syncd.connections.master_key import open_vault
from syncd.connections.open import Connections
from syncd.connections.webhooks.making import make_webhook
from syncd.connections.webhooks.rotation import Rotation
from syncd.console.app import create
from syncd.console.parts import Parts
from syncd.credential import OUR_TOKEN
from syncd.logs import configure
from syncd.simulator import BOT_EMAIL, KEYS, Simulator, serve
from syncd.simulator.faults import Fault
from syncd.store import hook_secrets
from syncd.store.cases import Cases
from syncd.store.database import Database
from tests.connections.planting import AGREED, CLIENT, PAGER, a_service_key, an_agreed_account
from tests.parts.loopback import LOOPBACK

from .conftest import SECRET, Syncd
from .logging_kept import logging_kept

PASSWORD = "planted correct horse battery"
PERSON = "planted.person@mail.example.com"
OWN = "Planted0wn-Token-4711-of-this-daemon"
LOG = "kept.log"
HASHED = {"password", "token's secret"}
REPLACED = {"hook secret in rotation 0"}  # by now
#: Whatever tells of accounts, of what was sent, and of what was answered.
TELLING = (
    ("doctor", "--all", "-o", "json"),
    ("doctor", "-o", "table"),
    ("explain", "-o", "json"),
    ("deliveries", "list", "-o", "json"),
    ("links", "list", "-o", "json"),
    ("integrations", "list", "-o", "json"),
    ("integrations", "log", PAGER, "-o", "json"),
    ("integrations", "log", AGREED, "-o", "json"),
    ("connectors", "list", "-o", "json"),
    ("integrations", "log", "-o", "json"),
    ("actions", "list", "-o", "json"),
    ("config", "show"),
    ("status", "-o", "json"),
)


def _bundle(path: Path) -> dict[str, str]:
    with tarfile.open(path) as tar:
        return {
            member.name.rpartition("/")[2]: file.read().decode()
            for member in tar.getmembers()
            if (file := tar.extractfile(member)) is not None
        }


def _dump(home: Path) -> str:
    """Every column of every row; what is binary as the text it would be."""
    with sqlite3.connect(home / "syncd.db") as database:
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = [row for table in tables for row in database.execute(f'SELECT * FROM "{table}"')]  # noqa: S608
    database.close()
    return "\n".join(
        one.decode("latin-1") if isinstance(one, bytes) else str(one) for row in rows for one in row if one is not None
    )


@pytest.fixture
def planted(
    syncd: Syncd, home: Path, store: Database, acme: None, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Through commands, the API, the sign-in form, and far sides that quote what they were given."""
    saying = f"The key {KEYS.full} of {PERSON} (Authorization: Token token={KEYS.full}, Bearer {OWN}) is not good."
    monkeypatch.setenv("SYNCD_API_TOKEN", OWN)
    newer = _newer(home, store, pagerduty)
    with logging_kept(), (home / LOG).open("w") as log:
        configure("debug", is_tty=False, stream=log)
        made = syncd("tokens", "create", "ci", "--role", "operator", "-o", "json").json["token"]
        monkeypatch.setenv(SECRET, PASSWORD)
        assert syncd("users", "add", "Dana Ruiz", "--role", "operator").code == 0
        monkeypatch.setenv(SECRET, "a-hook-secret-that-was-planted")
        assert syncd("integrations", "webhook", "acme").code == 0
        monkeypatch.delenv(SECRET)
        _over_http(home, store, made)
        _misplaced(syncd, monkeypatch, pagerduty.account.api_url)
        pagerduty.faults.lay(Fault(status=401, message=saying))
        syncd("integrations", "test", "acme")
        newer |= _rotated(home, store, pagerduty, lambda secrets: _quoted(syncd, pagerduty, {**newer, **secrets}))
        logging.getLogger("planted").error("Token token=%s, Bearer %s of %s is not good", KEYS.full, OWN, PERSON)
        logging.getLogger("planted").error("The token %s came.", made)
        vault = open_vault(load(), store)
        key = (home / "master.key").read_text().strip()
        assert vault.key_ids[0] in key
        logging.getLogger().handlers[0].flush()
    return {
        **newer,
        "key": KEYS.full,
        "token": made,
        "token's secret": _secret_of(made),
        "own token": OWN,
        "password": PASSWORD,
        "hook secret": "a-hook-secret-that-was-planted",
        "master key": key.partition(":")[2],
        "person's e-mail": PERSON,
    }


def _secret_of(token: str) -> str:
    """All of it: it may have a _ in itself."""
    _, secret = token.removeprefix(OUR_TOKEN).split("_", 1)
    assert len(secret) == 43, "32 random bytes"
    return secret


def _misplaced(syncd: Syncd, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """A key is typed where something else belongs, once with the same behind the prompt and once with another."""
    agreed = ("--consent", "--two-way")
    for secret in (KEYS.full, KEYS.read_only):
        monkeypatch.setenv(SECRET, secret)
        for email, where, name in (
            (KEYS.full, url, "zz"),
            (BOT_EMAIL, KEYS.full, "zz"),
            (BOT_EMAIL, f"https://{KEYS.full}/", "zz"),
            (BOT_EMAIL, url, KEYS.full),
        ):
            said = syncd("integrations", "add", name, "--email", email, "--where", where, *agreed)
            assert (said.code, "looks like a key" in said.err, KEYS.full in said.err) == (2, True, False), said.err
        for words in (("test", KEYS.full), ("rotate", KEYS.full), ("rotate", "acme", "--email", KEYS.full)):
            assert syncd("integrations", *words).code in {2, 4}
    monkeypatch.delenv(SECRET)


def _newer(home: Path, store: Database, pagerduty: Simulator) -> dict[str, str]:
    """By names of their own, so that the account is not one that is connected already."""
    setup = Setup(store, open_vault(load(), store), store.clock, LOOPBACK)
    pagerduty.oauth.register(CLIENT)
    account = pagerduty.account
    elsewhere, own = account.api_url.replace("127.0.0.1", "localhost"), account.web_url
    account.web_url = "https://agreed.pagerduty.com"
    newer = {**a_service_key(setup, account.api_url), **an_agreed_account(setup, elsewhere)}
    account.web_url = own
    return newer


def _rotated(
    home: Path, store: Database, pagerduty: Simulator, quote: Callable[[dict[str, str]], None]
) -> dict[str, str]:
    """They are quoted while both are there, as they are until the new one has proved itself."""
    setup = Setup(store, open_vault(load(), store), store.clock, LOOPBACK)
    pagerduty.carriage.hold = True
    make_webhook(setup, AGREED, "https://syncd.test")
    found: dict[str, str] = {}

    def both_are_there(_: float) -> None:
        secrets = [one.secrets[0] for one in pagerduty.account.subscriptions.values()]
        assert len(secrets) == 2
        found.update({f"hook secret in rotation {number}": one for number, one in enumerate(secrets)})
        quote(found)
        with store.write() as tx:
            hook_secrets.prove(tx, [one.id for one in hook_secrets.ours(tx, AGREED) if one.replaces], store.now(tx))

    Rotation(setup, AGREED, "https://syncd.test", both_are_there).run()
    assert len(found) == 2
    return found


def _quoted(syncd: Syncd, pagerduty: Simulator, planted: dict[str, str]) -> None:
    """Each far side says all of them, in whatever it refuses."""
    saying = f"{', '.join(planted.values())} are not good."
    said = {"status": "invalid event", "message": saying, "errors": [saying]}
    for status in (400, 403, 500):
        for path in ("/v2/enqueue", "/oauth/token", "*"):
            body = said if path == "/v2/enqueue" else None
            pagerduty.faults.lay(Fault(status=status, message=saying, path=path, body=body, count=0))
        for name in (PAGER, AGREED, "acme"):
            syncd("integrations", "test", name)
            syncd("doctor", name, "--all", "--write-probe")
        pagerduty.faults.clear()


def _over_http(home: Path, store: Database, made: str) -> None:
    connections = Connections(store, open_vault(load(), store), Clock())
    parts = Parts(store, Cases(store, site="http://syncd.test"), connections, lambda _: None, Clock(), OWN)
    with serve(create(parts)) as url, httpx.Client(base_url=url, trust_env=False) as client:
        for given in (made, OWN, f"{made}x"):
            client.get("/v1/cases", headers={"Authorization": f"Bearer {given}"})
        for name, secret in (("Dana Ruiz", PASSWORD), (PASSWORD, "x"), ("Dana Ruiz", OWN), (PERSON, KEYS.full)):
            client.post("/login", data={"name": name, "token": secret})


def test_what_is_planted_is_in_no_dump_no_log_and_no_bundle(syncd: Syncd, home: Path, planted: dict[str, str]) -> None:
    raw = home / "raw.log"
    # Of a password and of the secret inside a token there is only a hash here, and of what was replaced nothing: nobody can look
    # for those.
    raw.write_text(
        "\n".join(word for what, word in planted.items() if what not in HASHED | REPLACED) + f"\nto {BOT_EMAIL}\n"
    )
    said = syncd("support-bundle", "-f", str(home / "b.tar.gz"), "--log", str(home / LOG), "--log", str(raw))
    assert said.code == 0
    bundle = _bundle(home / "b.tar.gz")
    assert {"ABOUT.txt", "config.json", "versions.json", "schema.json", "status.json", "doctor.json"} <= bundle.keys()
    assert '"From user"' in bundle["doctor.json"]
    assert {"deliveries.json", "integrations.json", "connections.json", "log-1.txt", "log-2.txt"} <= bundle.keys()
    told = [syncd(*words) for words in TELLING]
    said_by = {" ".join(words): one.out + one.err for words, one in zip(TELLING, told, strict=True)}
    places = {"dump": _dump(home), "log": (home / LOG).read_text(), "said": said.out + said.err, **said_by, **bundle}
    assert "is not good" in places["log"], "nothing was planted"
    assert "Dana Ruiz" in places["dump"]
    assert "(what was typed looks like a key)" in places["actions list -o json"]
    found = [(what, where) for what, word in planted.items() for where, text in places.items() if word in text]
    assert found == [], found
    assert BOT_EMAIL not in "".join(bundle.values())
    assert bundle["log-2.txt"].count("[redacted]") >= len(planted) - len(HASHED | REPLACED)
    assert "log-2.txt: 0 masked" not in bundle["ABOUT.txt"]


def test_a_bundle_is_one_new_file_for_its_owner_and_changes_nothing(syncd: Syncd, home: Path) -> None:
    before = {one.name for one in home.iterdir()}
    assert syncd("support-bundle", "-f", str(home / "b.tar.gz")).code == 0
    after = {one.name for one in home.iterdir()}
    assert {name for name in after - before if not name.startswith("syncd.db")} == {"b.tar.gz"}, "no key was made"
    assert (home / "b.tar.gz").stat().st_mode & 0o777 == 0o600
    again = syncd("support-bundle", "-f", str(home / "b.tar.gz"))
    assert (again.code, "exists already" in again.err) == (2, True)


def test_a_bundle_is_made_also_where_the_database_cannot_be_used(syncd: Syncd, home: Path) -> None:
    (home / "syncd.db").unlink()
    assert syncd("support-bundle", "-f", str(home / "b.tar.gz")).code == 0
    assert "There is nothing here yet" in _bundle(home / "b.tar.gz")["database.json"]


def test_what_cannot_be_opened_is_told_since_it_cannot_be_looked_for(syncd: Syncd, home: Path, acme: None) -> None:
    (home / "master.key").unlink()
    said = syncd("support-bundle", "-f", str(home / "b.tar.gz"))
    assert "Not known, and so not looked for: integration:acme" in said.err
    assert "Not known" in _bundle(home / "b.tar.gz")["ABOUT.txt"]
