"""What a production site puts between the parts: TLS and an ACL user before Redis, verified TLS before PostgreSQL, a pooler."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
import pytest
from redis import Redis
from redis.exceptions import NoPermissionError

from syncd.connections.vault import generate_key
from syncd.embedded.folder import private_folder
from syncd.embedded.valkey import Valkey, running
from tests.e2e import books
from tests.e2e.bouncer import bouncing
from tests.e2e.fleet import BUILTIN, DESK, Fleet, fleet
from tests.e2e.program import Program, syncd
from tests.e2e.scene import Scene, agree
from tests.e2e.waiting import until
from tests.parts.ports import free_port
from tests.parts.postgres import Postgres, serving
from tests.parts.tls import Certificates, issue, tls_front

PREFIX = "team-a:"


def tour(made: Fleet) -> None:
    """Both directions on both case systems, and the books."""
    scenes = [Scene(made, made.cases(system), made.people, f"tour of {system}") for system in (BUILTIN, DESK)]
    for scene in scenes:
        scene.open(priority="P2")
    for scene in scenes:
        scene.on_incident("acknowledge")
        scene.on_incident("note", text="On it.")
        scene.on_case("comments", text="Thank you.")
    for scene in scenes:
        scene.until_case(status="acknowledged")
        scene.until_told("Ben Osei (PagerDuty): On it.")
        scene.until_noted("On it.", "Ana Lima (case): Thank you.")
        scene.on_case("resolve", note="Mended.")
    for scene in scenes:
        scene.until_incident("resolved")
    made.await_quiet()
    for scene in scenes:
        agree(scene)
    books.match(books.read(made))
    assert [line for program in made.programs for line in program.complaints()] == []


def test_verified_tls_everywhere_an_acl_user_and_a_prefix(tmp_path: Path, certificates: Certificates) -> None:
    """Two teams can share such a Redis: this one's user may touch no key that does not begin with its prefix."""
    with ExitStack() as stack:
        place = stack.enter_context(private_folder())
        guarded = Valkey(place, user="team-a", password="a pass/word", keys=f"{PREFIX}*")
        stack.enter_context(running(guarded))
        redis_port = stack.enter_context(tls_front(guarded.socket_path, certificates))
        port = free_port()
        options = {"listen_addresses": "127.0.0.1", "port": str(port)}
        stack.enter_context(serving(options, certificates=certificates))
        database = f"postgresql+psycopg://postgres@localhost:{port}/postgres?sslmode=verify-full"
        authority = quote(str(certificates.authority), safe="/")
        broker = f"rediss://team-a:{quote('a pass/word', safe='')}@127.0.0.1:{redis_port}/0?ssl_ca_certs={authority}"
        trusted = f"{database}&sslrootcert={authority}"
        made = stack.enter_context(fleet(tmp_path, trusted, broker, redis_key_prefix=PREFIX))
        tour(made)
        _all_lines_are_encrypted(trusted)
        assert [
            line for program in made.programs for line in program.said().splitlines() if "broker.lost" in line
        ] == []
        # The same server, vouched for by an authority that we were not told to believe.
        other = issue(_made(tmp_path / "other"))
        _is_refused(f"{database}&sslrootcert={quote(str(other.authority), safe='/')}", tmp_path)
        _starts_again_when_its_database_is_back(made, trusted)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _all_lines_are_encrypted(url: str) -> None:
    with _line(url) as line:
        asked = "SELECT s.ssl FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE a.backend_type = 'client backend'"
        encrypted = [row[0] for row in line.execute(asked)]
    assert len(encrypted) > 2
    assert all(encrypted)


def _line(url: str) -> psycopg.Connection[tuple[bool]]:
    return psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"), autocommit=True)


def _is_refused(url: str, folder: Path) -> None:
    env = {"SYNCD_DATABASE_URL": url, "SYNCD_MASTER_KEYS": generate_key()}
    stranger = Program("stranger", syncd("db", "upgrade"), env, folder / "stranger")
    stranger.start()
    assert stranger.wait(60) == 3, stranger.said()
    (said,) = stranger.said().strip().splitlines()
    assert "certificate verify failed" in said


def _starts_again_when_its_database_is_back(made: Fleet, url: str) -> None:
    """A worker's process that starts while the database is away takes up its work once it is back."""
    (worker,) = made.workers
    with _line(url.replace("/postgres?", "/template1?")) as line:
        line.execute("ALTER DATABASE postgres ALLOW_CONNECTIONS false")
        worker.kill_children()
        until(lambda: "worker.waits" in worker.said(), "the new process says that it waits")
        line.execute("ALTER DATABASE postgres ALLOW_CONNECTIONS true")
    made.await_ready()
    scene = Scene(made, made.cases(BUILTIN), made.people, "after the database was away")
    scene.open()
    made.await_quiet()


def test_pgbouncer_in_transaction_mode(tmp_path: Path, postgres: Postgres) -> None:
    """Two processes of each kind share fewer servers than they have connections."""
    with ExitStack() as stack:
        bouncer = stack.enter_context(bouncing(postgres))
        place = stack.enter_context(private_folder())
        valkey = stack.enter_context(running(Valkey(place)))
        direct = postgres.create()
        stack.callback(postgres.drop, direct)
        url = bouncer.url(urlsplit(direct).path.removeprefix("/"))
        tour(stack.enter_context(fleet(tmp_path, url, valkey.url, webs=2, workers=2)))


@pytest.mark.parametrize("prefix", [PREFIX, ""])
def test_an_acl_user_is_held_to_its_prefix(tmp_path: Path, prefix: str) -> None:
    """The check on the test above: without the prefix this user's broker refuses every command."""
    guarded = partial(Valkey, user="team-a", password="word", keys=f"{PREFIX}*")
    with private_folder() as place, running(guarded(place)) as valkey, Redis.from_url(valkey.url) as line:
        if prefix:
            assert line.set(f"{prefix}syncd:wake:1", 1)
        else:
            with pytest.raises(NoPermissionError):
                line.set("syncd:wake:1", 1)
