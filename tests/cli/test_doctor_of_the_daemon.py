"""Each line of `syncd doctor` about the daemon itself, failing from a real cause: a real Valkey, a real database, real settings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from syncd.connections.master_key import open_vault
from syncd.connections.vault import generate_key
from syncd.embedded.address import told
from syncd.embedded.valkey import Valkey, command
from syncd.flow.doctor.surviving import survived
from syncd.flow.status.parts import SILENT_AFTER
from syncd.settings import Settings
from syncd.store import authorisations, heartbeats
from syncd.store.database import Database
from tests.cli.conftest import Syncd
from tests.parts.ports import free_port

Line = dict[str, str]


def lines(syncd: Syncd) -> dict[str, Line]:
    ended = syncd("doctor", "-o", "json")
    found: dict[str, Line] = {one["check"]: one for one in ended.json}
    assert ended.code == int(any(one["mark"] == "FAIL" for one in ended.json)), "a warning is no failure"
    for one in found.values():
        assert bool(one["cure"]) is bool(one["code"]), "whatever has a code says what helps"
    return found


def is_marked(line: Line, mark: str, code: str, *words: str) -> None:
    assert (line["mark"], line["code"]) == (mark, code), line
    assert [word for word in words if word not in line["finding"]] == [], line


def test_a_setting_that_cannot_be_used(syncd: Syncd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCD_HTTP_PORT", "often")
    found = lines(syncd)
    is_marked(found["config"], "FAIL", "SYN-CONFIG", "SYNCD_HTTP_PORT")
    assert list(found) == ["config"], "nothing else can be looked at"


def test_a_broker_that_is_away(syncd: Syncd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCD_REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    is_marked(lines(syncd)["broker"], "FAIL", "SYN-BROKER")


@pytest.fixture
def broker(valkey: Valkey, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Valkey]:
    monkeypatch.setenv("SYNCD_REDIS_URL", redis_url)
    yield valkey
    assert command(valkey, "CONFIG", "SET", "maxmemory-policy", "noeviction") == b"+OK\r\n"


def test_a_broker_that_throws_away(syncd: Syncd, broker: Valkey) -> None:
    found = lines(syncd)
    is_marked(found["broker"], "ok", "", "answers")
    is_marked(found["broker eviction"], "ok", "", "noeviction")
    assert command(broker, "CONFIG", "SET", "maxmemory-policy", "allkeys-lru") == b"+OK\r\n"
    is_marked(lines(syncd)["broker eviction"], "warn", "SYN-BROKER-EVICTS", "allkeys-lru")


def test_a_broker_that_up_brought_is_asked_like_one_that_is_named(
    syncd: Syncd, home: Path, valkey: Valkey, redis_url: str
) -> None:
    missing = lines(syncd)
    is_marked(missing["broker"], "ok", "", "None is named", str(home))
    assert "broker eviction" not in missing
    with told(home, redis_url):
        found = lines(syncd)
    is_marked(found["broker"], "ok", "", redis_url, "`syncd up` brought")
    is_marked(found["broker eviction"], "ok", "", "noeviction")
    with told(home, f"{redis_url}.not"):
        is_marked(lines(syncd)["broker"], "FAIL", "SYN-BROKER")


@pytest.mark.parametrize(
    ("url", "mark", "says"),
    [
        ("", "warn", "None is set"),
        ("http://syncd.test", "warn", "not https"),
        ("https://syncd.test", "ok", "https://syncd.test"),
    ],
)
def test_an_address_that_the_internet_reaches_us_by(
    syncd: Syncd, monkeypatch: pytest.MonkeyPatch, url: str, mark: str, says: str
) -> None:
    monkeypatch.setenv("SYNCD_PUBLIC_URL", url)
    is_marked(lines(syncd)["public URL"], mark, "SYN-PUBLIC-URL" if mark == "warn" else "", says)


@pytest.mark.parametrize(("part", "code"), [("worker", "SYN-WORKER"), ("beat", "SYN-BEAT")])
def test_a_part_that_does_not_run(syncd: Syncd, store: Database, part: str, code: str) -> None:
    is_marked(lines(syncd)[part], "FAIL", code, "None was ever seen")
    now = store.clock.now()
    with store.write() as tx:
        heartbeats.beat(tx, part, "here:1", now)
    is_marked(lines(syncd)[part], "ok", "", "1 running")
    with store.write() as tx:
        heartbeats.end(tx, "here:1", now + timedelta(seconds=1))
    is_marked(lines(syncd)[part], "FAIL", code, "the last one was seen at")
    with store.write() as tx:
        heartbeats.beat(tx, part, "here:2", now - SILENT_AFTER - timedelta(seconds=1))
    is_marked(lines(syncd)[part], "FAIL", code, "the last one was seen at")


def test_a_database_that_is_not_there(syncd: Syncd, home: Path) -> None:
    (home / "syncd.db").unlink()
    is_marked(lines(syncd)["database"], "FAIL", "SYN-DATABASE", "There is nothing here yet")


def test_a_database_of_another_release(syncd: Syncd, store: Database) -> None:
    with store.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    is_marked(lines(syncd)["database"], "FAIL", "SYN-DATABASE", "syncd db upgrade")


def test_a_secret_that_another_key_has_sealed(
    syncd: Syncd, acme: None, store: Database, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = open_vault(Settings(home=home), store)
    with store.write() as tx:
        now, value = store.now(tx), vault.seal("authorisation:d", {"by": "Ana"})
        authorisations.add(tx, "d", "acme", sealed=value, by="Ana", now=now, expires_at=now + timedelta(hours=1))
    is_marked(lines(syncd)["secrets"], "ok", "", "2 sealed")
    kept = (home / "master.key").read_text()
    (home / "master.key").write_text(generate_key())
    is_marked(lines(syncd)["secrets"], "FAIL", "SYN-SECRETS", "This database is sealed with master key")
    told = [one["what"] for one in syncd("status").json["findings"]]
    assert any("This database is sealed with master key" in one for one in told)
    (home / "master.key").write_text("")
    is_marked(lines(syncd)["secrets"], "FAIL", "SYN-SECRETS", "master.key is empty and this database is sealed with")
    (home / "master.key").unlink()
    found = lines(syncd)
    is_marked(found["secrets"], "FAIL", "SYN-SECRETS", "master.key is missing and this database is sealed with")
    assert f"master key {kept.partition(':')[0]};" in found["secrets"]["finding"]
    monkeypatch.setenv("SYNCD_MASTER_KEYS", "no key")
    is_marked(lines(syncd)["secrets"], "FAIL", "SYN-SECRETS")
    assert generate_key() not in str(found)


def test_a_check_that_breaks_is_a_line_and_stops_no_other() -> None:
    def broken() -> Iterator[None]:
        raise ZeroDivisionError
        yield

    (line,) = survived("odd", broken, slug="acme")  # type: ignore[arg-type]  # it tells of nothing
    assert (line.mark, line.code, line.check) == ("FAIL", "SYN-CHECK", "odd")


def test_a_home_that_others_may_write_to(syncd: Syncd, home: Path) -> None:
    home.chmod(0o755)
    is_marked(lines(syncd)["home"], "ok", "", f"Only its owner may write to {home}")
    home.chmod(0o777)
    is_marked(lines(syncd)["home"], "FAIL", "SYN-HOME", "another master.key", f"chmod go-w {home}")
