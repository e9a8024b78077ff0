"""A daemon starts only with the keys its database was sealed with, and only the embedded store makes its own."""

from __future__ import annotations

import base64
import multiprocessing
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from syncd.clock import Clock
from syncd.connections.master_key import open_vault
from syncd.connections.vault import Vault
from syncd.errors import Misconfigured
from syncd.settings import Settings
from syncd.store import keyring, tables_of_upkeep
from syncd.store.database import Database
from syncd.store.tables import metadata
from tests.waiting import wait_until


def key(letter: str) -> str:
    return f"{letter}:{base64.b64encode(letter.encode() * 32).decode()}"


def create_tables(url: str) -> None:
    database = Database(url, Clock())
    assert tables_of_upkeep.keyring.metadata is metadata
    metadata.create_all(database.engine)
    database.close()


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path}/syncd.db"
    create_tables(url)
    opened = Database(url, Clock())
    yield opened
    opened.close()


@pytest.fixture
def served(database: Callable[..., str]) -> Iterator[Database]:
    opened = Database(database(create_tables), Clock())
    yield opened
    opened.close()


def with_keys(home: Path, *letters: str) -> Settings:
    return Settings(home=home, master_keys=SecretStr(",".join(key(letter) for letter in letters)))


def test_the_embedded_store_makes_its_key_once_for_its_owner_alone(tmp_path: Path, embedded: Database) -> None:
    settings = Settings(home=tmp_path / "new" / "home")
    first = open_vault(settings, embedded)
    again = open_vault(settings, embedded)
    assert again.unseal("p", first.seal("p", {"a": "b"})) == {"a": "b"}
    file = settings.home / "master.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in settings.home.iterdir()] == ["master.key"]


def test_a_key_file_others_may_read_is_refused(tmp_path: Path, embedded: Database) -> None:
    settings = Settings(home=tmp_path)
    open_vault(settings, embedded)
    (tmp_path / "master.key").chmod(0o640)
    with pytest.raises(Misconfigured, match="chmod 600"):
        open_vault(settings, embedded)


def test_a_lost_key_file_is_not_replaced(tmp_path: Path, embedded: Database) -> None:
    settings = Settings(home=tmp_path)
    (key_id,) = open_vault(settings, embedded).key_ids
    (tmp_path / "master.key").unlink()
    with pytest.raises(Misconfigured, match=f"is missing and this database is sealed with master key {key_id}"):
        open_vault(settings, embedded)
    assert not (tmp_path / "master.key").exists()


def test_configured_keys_are_used_instead_of_a_file(tmp_path: Path, embedded: Database) -> None:
    assert open_vault(with_keys(tmp_path, "a"), embedded).key_ids == ("a",)
    assert not (tmp_path / "master.key").exists()


def _open_in_a_process(home: Path, url: str, go: threading.Event, sealed: multiprocessing.Queue[bytes]) -> None:
    database = Database(url, Clock())
    go.wait(20)
    sealed.put(open_vault(Settings(home=home), database).seal("p", {"a": "b"}))
    database.close()


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path, embedded: Database) -> None:
    context = multiprocessing.get_context("spawn")
    go, sealed = context.Event(), context.Queue()
    url = embedded.url.render_as_string(hide_password=False)
    starting = [context.Process(target=_open_in_a_process, args=(tmp_path, url, go, sealed)) for _ in range(2)]
    for process in starting:
        process.start()
    go.set()
    values = [sealed.get(timeout=30) for _ in starting]
    for process in starting:
        process.join(30)
    vault = open_vault(Settings(home=tmp_path), embedded)
    assert [vault.unseal("p", value) for value in values] == [{"a": "b"}] * 2
    with embedded.read() as tx:
        assert tuple(keyring.proofs(tx)) == vault.key_ids


def test_postgresql_without_a_key_refuses(tmp_path: Path, served: Database) -> None:
    with pytest.raises(Misconfigured, match=r"No master key is set; set SYNCD_MASTER_KEYS"):
        open_vault(Settings(home=tmp_path), served)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_key_is_named_with_those_that_are_there(tmp_path: Path, served: Database) -> None:
    open_vault(with_keys(tmp_path, "a"), served)
    with pytest.raises(Misconfigured, match=r"sealed with master key a, and the keys here are b;"):
        open_vault(with_keys(tmp_path, "b"), served)
    with pytest.raises(Misconfigured, match=r"No master key is set and this database is sealed with master key a"):
        open_vault(Settings(home=tmp_path), served)


def test_another_key_under_a_known_id_is_named_and_not_quoted(tmp_path: Path, served: Database) -> None:
    open_vault(with_keys(tmp_path, "a"), served)
    other = key("b").replace("b:", "a:", 1)
    with pytest.raises(Misconfigured, match=r"Master key a is another one") as caught:
        open_vault(Settings(home=tmp_path, master_keys=SecretStr(other)), served)
    assert other.partition(":")[2] not in str(caught.value)


def test_keys_rotate_the_new_one_first_and_the_old_one_until_it_is_forgotten(tmp_path: Path, served: Database) -> None:
    open_vault(with_keys(tmp_path, "a"), served)
    assert open_vault(with_keys(tmp_path, "b", "a"), served).key_ids == ("b", "a")
    with pytest.raises(Misconfigured, match="sealed with master key a"):
        open_vault(with_keys(tmp_path, "b"), served)
    with served.write() as tx:
        keyring.remove(tx, "a")
    assert open_vault(with_keys(tmp_path, "b"), served).key_ids == ("b",)


def test_two_daemons_with_different_keys_cannot_both_be_first(tmp_path: Path, served: Database) -> None:
    outcomes: list[str] = []

    def begin() -> None:
        try:
            open_vault(with_keys(tmp_path, "b"), served)
            outcomes.append("opened")
        except Misconfigured as error:
            outcomes.append(str(error))

    second = threading.Thread(target=begin)
    with served.write() as tx:
        keyring.hold(tx)
        second.start()
        wait_until(lambda: is_anybody_waiting(served))
        keyring.add(tx, "a", Vault(key("a")).proof("a"), Clock().now())
    second.join(20)
    (said,) = outcomes
    assert said.startswith("This database is sealed with master key a, and the keys here are b;")


def is_anybody_waiting(db: Database) -> bool:
    with db.read() as tx:
        return bool(tx.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one())
