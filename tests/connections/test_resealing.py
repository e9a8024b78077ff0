"""A master key is exchanged while others read and write: nothing is lost, whoever runs finds the new key, and what is broken is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from syncd.configuration import load
from syncd.connections import resealing
from syncd.connections.master_key import doubt, open_vault
from syncd.connections.resealing import BATCH, listing, remove, rotate
from syncd.connections.vault import Vault, generate_key
from syncd.core.changes import Side
from syncd.errors import Conflict, Misconfigured, NotFound
from syncd.settings import Settings
from syncd.store import hook_secrets, integrations, keyring, sealed
from syncd.store.database import Database
from syncd.store.tables_of_accounts import integrations as accounts

MANY = BATCH + 5


def add(db: Database, vault: Vault, *slugs: str) -> None:
    with db.write() as tx:
        now = db.now(tx)
        for slug in slugs:
            integrations.add(
                tx,
                slug=slug,
                system="pagerduty",
                side=Side.INCIDENT,
                base_url="",
                settings={},
                sealed=vault.seal(f"integration:{slug}", {"api_key": f"key of {slug}"}),
                now=now,
            )
            secret = vault.seal(f"hook:{slug}", {"secret": f"secret of {slug}"})
            integrations.add_hook_secret(tx, slug, secret, "", now)


def opened(db: Database, vault: Vault, slug: str) -> tuple[str, str]:
    with db.read() as tx:
        it, (secret,) = integrations.get(tx, slug), hook_secrets.listing(tx, slug)
    assert it is not None
    assert it.sealed is not None
    key = vault.unseal(f"integration:{slug}", it.sealed)["api_key"]
    return key, vault.unseal(f"hook:{slug}", secret.sealed)["secret"]


def quiet(_done: int, _total: int) -> None:
    pass


def _stop(_done: int, _total: int) -> None:
    raise KeyboardInterrupt


def test_every_binary_column_says_what_it_is_sealed_for_or_that_it_is_no_secret() -> None:
    assert sealed.undeclared() == []
    named = {place.name for place in sealed.places()}
    assert {"integrations.sealed", "hook_secrets.sealed"} <= named
    with_such_a_name = {f"{one.name}.sealed" for one in accounts.metadata.sorted_tables if "sealed" in one.columns}
    assert with_such_a_name <= named


def test_everything_is_sealed_anew_in_batches_on_either_database(db: Database, tmp_path: Path) -> None:
    old, new = generate_key(), generate_key()
    before = Vault(old)
    slugs = [f"a{number:02}" for number in range(MANY)]
    add(db, before, *slugs)
    settings = Settings(home=tmp_path, master_keys=SecretStr(f"{new},{old}"))
    told: list[tuple[int, int]] = []
    done = rotate(settings, db, open_vault(settings, db), lambda *now: told.append(now))
    assert (done.done, list(done.faults), list(done.needless)) == (2 * MANY, [], [before.key_ids[0]])
    assert told == [(20, 50), (25, 50), (45, 50), (50, 50)]
    only_new = Vault(new)
    assert [opened(db, only_new, slug) for slug in slugs] == [(f"key of {one}", f"secret of {one}") for one in slugs]
    assert open_vault(Settings(home=tmp_path, master_keys=SecretStr(new)), db).key_ids == only_new.key_ids


def test_who_runs_meanwhile_finds_the_new_key_in_our_own_file(db: Database, tmp_path: Path) -> None:
    if not db.is_sqlite:
        return  # A server's keys are the settings'.
    settings = Settings(home=tmp_path)
    worker = open_vault(settings, db)
    add(db, worker, "acme")
    done = rotate(settings, db, open_vault(settings, db), quiet)
    assert done.key_id not in worker.key_ids
    assert opened(db, worker, "acme") == ("key of acme", "secret of acme")
    assert worker.sealed_by(worker.seal("p", {})) == done.key_id
    assert (tmp_path / "master.key").stat().st_mode & 0o777 == 0o600
    assert {one.name for one in tmp_path.iterdir()} <= {
        "master.key",
        "syncd.db",
        "syncd.db-wal",
        "syncd.db-shm",
        "syncd.db.lock",
    }


def test_who_runs_meanwhile_seals_with_the_new_key_before_it_has_met_it(db: Database, tmp_path: Path) -> None:
    if not db.is_sqlite:
        return
    settings = Settings(home=tmp_path)
    worker = open_vault(settings, db)
    done = rotate(settings, db, open_vault(settings, db), quiet)
    assert worker.sealed_by(worker.seal("p", {})) == done.key_id


def test_what_was_interrupted_goes_on_with_the_same_key(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not db.is_sqlite:
        return
    settings = Settings(home=tmp_path)
    add(db, open_vault(settings, db), *(f"a{number:02}" for number in range(MANY)))

    with pytest.raises(KeyboardInterrupt):
        rotate(settings, db, open_vault(settings, db), _stop)
    vault = open_vault(settings, db)
    half = listing(db, vault)
    assert [(one.seals, one.values) for one in half] == [(True, BATCH), (False, 2 * MANY - BATCH)]
    done = rotate(settings, db, vault, quiet)
    assert (done.key_id, done.done, list(done.needless)) == (half[0].id, 2 * MANY - BATCH, [half[1].id])


def test_a_key_is_removed_only_when_nothing_needs_it(db: Database, tmp_path: Path) -> None:
    if not db.is_sqlite:
        return
    settings = Settings(home=tmp_path)
    vault = open_vault(settings, db)
    add(db, vault, "acme")
    (first,) = vault.key_ids
    with pytest.raises(KeyboardInterrupt):
        rotate(settings, db, vault, _stop)
    add(db, Vault((tmp_path / "master.key").read_text().strip().partition(",")[2]), "old")
    with pytest.raises(Conflict, match="3 sealed values need it"):
        remove(settings, db, vault, first)
    rotate(settings, db, vault, quiet)
    with pytest.raises(Conflict, match="it seals what is stored from now on"):
        remove(settings, db, vault, vault.key_ids[0])
    with pytest.raises(NotFound, match="no master key none"):
        remove(settings, db, vault, "none")
    remove(settings, db, vault, first)
    again = open_vault(settings, db)
    assert first not in again.key_ids
    assert opened(db, again, "acme") == ("key of acme", "secret of acme")


def test_what_no_key_opens_is_named_and_the_rest_goes_on(db: Database, tmp_path: Path) -> None:
    old, new = generate_key(), generate_key()
    add(db, Vault(old), "acme", "broken", "other")
    with db.write() as tx:
        integrations.reseal(tx, "broken", Vault(old).seal("integration:acme", {"api_key": "moved"}), {})
    settings = Settings(home=tmp_path, master_keys=SecretStr(f"{new},{old}"))
    done = rotate(settings, db, open_vault(settings, db), quiet)
    assert (done.done, len(done.faults), list(done.needless)) == (5, 1, [])
    assert "integration:broken cannot be unsealed" in done.faults[0]


def test_keys_of_the_settings_are_not_written_and_the_way_is_told(db: Database, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, master_keys=SecretStr(generate_key()))
    vault = open_vault(settings, db)
    add(db, vault, "acme")
    with pytest.raises(Misconfigured, match="put a new one before the others there"):
        rotate(settings, db, vault, quiet)
    with db.read() as tx:
        assert tuple(keyring.proofs(tx)) == vault.key_ids
        assert tx.execute(select(func.count()).select_from(accounts)).scalar_one() == 1


def test_a_credential_that_was_stored_meanwhile_is_not_overwritten(db: Database) -> None:
    vault = Vault(generate_key())
    add(db, vault, "acme")
    (place,) = [one for one in sealed.places() if one.name == "integrations.sealed"]
    with db.read() as tx:
        (old,) = sealed.values(tx, place)
    with db.write() as tx:
        integrations.reseal(tx, "acme", vault.seal("integration:acme", {"api_key": "newer"}), {})
        sealed.replace(tx, place, old, vault.seal("integration:acme", {"api_key": "older"}))
    assert opened(db, vault, "acme")[0] == "newer"
    assert resealing.BATCH <= 50, "a batch holds its rows for as long as it takes"


def test_who_runs_seals_with_no_key_that_the_database_does_not_know(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    file, right, other = tmp_path / "master_keys", generate_key(), generate_key()
    file.write_text(right)
    settings = load(home=tmp_path)
    worker = open_vault(settings, db)
    same_name = f"{right.partition(':')[0]}:{other.partition(':')[2]}"
    for wrong in (other, same_name):
        file.write_text(wrong)
        value = worker.seal("hook:acme", {"secret": "s"})
        assert worker.doubt() == doubt(load(home=tmp_path), db) != ""
        assert Vault(right).unseal("hook:acme", value) == {"secret": "s"}
    file.write_text(right)
    assert (worker.doubt(), doubt(load(home=tmp_path), db)) == ("", "")


def test_a_new_first_key_seals_once_it_is_proved(db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    file, old, new = tmp_path / "master_keys", generate_key(), generate_key()
    file.write_text(old)
    settings = load(home=tmp_path)
    worker = open_vault(settings, db)
    file.write_text(f"{new},{old}")
    assert Vault(old).unseal("p", worker.seal("p", {"a": "b"})) == {"a": "b"}
    open_vault(load(home=tmp_path), db)  # Whoever starts proves it.
    assert Vault(new).unseal("p", worker.seal("p", {"a": "b"})) == {"a": "b"}


def test_a_key_that_was_let_go_elsewhere_seals_no_more(db: Database, tmp_path: Path) -> None:
    old, new = generate_key(), generate_key()
    elsewhere = open_vault(Settings(home=tmp_path, master_keys=SecretStr(old)), db)
    add(db, elsewhere, "acme")
    both = Settings(home=tmp_path, master_keys=SecretStr(f"{new},{old}"))
    rotate(both, db, open_vault(both, db), quiet)
    with pytest.raises(Misconfigured, match="Nothing is sealed: this database is sealed with master key"):
        elsewhere.seal("p", {"a": "b"})
