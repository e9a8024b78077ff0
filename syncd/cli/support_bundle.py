"""`syncd support-bundle`: one file for whoever helps. It says what is in it and what was masked, and nothing else is written."""

from __future__ import annotations

import io
import os
import platform
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from syncd.cli.saying import say

from .daemon import ConfigOption

if TYPE_CHECKING:
    from syncd.flow.support import Page
    from syncd.settings import Settings

_TAIL = 1024 * 1024  # bytes of each log
_PACKAGES = ("celery", "cryptography", "httpx", "psycopg", "pydantic", "redis", "sqlalchemy", "starlette", "uvicorn")


def support_bundle(
    file: Annotated[
        Path | None, typer.Option("-f", "--file", help="Where to write it; a name with the time here.")
    ] = None,
    log: Annotated[
        list[Path] | None, typer.Option("--log", help="A log file to put its last MiB in; again for another.")
    ] = None,
    asks: Annotated[
        bool,
        typer.Option("--ask/--no-ask", help="Have what `syncd doctor` finds in it, for which every account is asked."),
    ] = True,
    config: ConfigOption = None,
) -> None:
    """Settings, versions, status, what doctor finds, accounts, their history and the last deliveries without bodies: each secret masked.

    Known secrets are looked for in every spelling, and besides whatever looks like a credential or an e-mail address is masked.
    What people wrote into cases is not in it. Look through it all the same before you pass it on.
    """
    from syncd.clock import Clock
    from syncd.configuration import load
    from syncd.errors import Misconfigured

    settings = load(config)
    now = Clock().now()
    path = file or Path(f"syncd-support-{now:%Y%m%d-%H%M%S}.tar.gz")
    if path.exists():
        message = f"{path} exists already; name another by --file."
        raise Misconfigured(message)
    found = _doctor(config) if asks else {}
    pages, doubts = _collected(settings, found, log or [])
    _write(path, [_about(pages, doubts, now), *pages], now)
    say(f"{path} has:")
    for one in pages:
        say(f"  {one.name:<20} {one.masked} masked")
    for doubt in doubts:
        say(f"! Not known, and so not looked for: {doubt}", err=True)


def _doctor(config: Path | None) -> dict[str, object]:
    from syncd.console.v1.checks import shown
    from syncd.flow import support

    from .doctor import Wide, checks

    return {"doctor.json": support.tried(lambda: [shown(one) for one in checks(config, "", Wide())])}


def _collected(
    settings: Settings, found_out: Mapping[str, object], logs: Sequence[Path]
) -> tuple[list[Page], list[str]]:
    from syncd.connections.known import of_settings, of_vault
    from syncd.connections.master_key import existing_vault
    from syncd.errors import SyncdError
    from syncd.flow import support

    from .existing import existing_database

    secrets, doubts = of_settings(settings, os.environ), list[str]()
    shown = {name: {"value": value, "from": settings.origins()[name]} for name, value in settings.shown().items()}
    contents: dict[str, object] = {"config.json": list(_rows(shown)), "versions.json": _versions(), **found_out}
    try:
        with existing_database(settings) as db:
            found, doubts = of_vault(db, existing_vault(settings))
            secrets |= found
            contents |= {name: support.tried(make) for name, make in support.of_database(db).items()}
    except SyncdError as error:
        contents["database.json"] = {"not_to_be_had": str(error)}
    contents |= {f"log-{number}.txt": _tail(one) for number, one in enumerate(logs, start=1)}
    return [support.page(name, content, secrets) for name, content in contents.items()], doubts


def _rows(shown: dict[str, dict[str, str]]) -> Iterator[dict[str, str]]:
    """The name beside its value, so that the name of a secret does not mask where it comes from."""
    yield from ({"setting": name, **told} for name, told in shown.items())


def _versions() -> dict[str, object]:
    from importlib.metadata import version

    from syncd import __version__

    packages = {name: version(name) for name in _PACKAGES}
    return {
        "syncd": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "packages": packages,
    }


def _tail(path: Path) -> str:
    from syncd.errors import Misconfigured

    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
            return file.read().decode(errors="replace")
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror}); leave --log out, or name the log."
        raise Misconfigured(message) from error


def _about(pages: Sequence[Page], doubts: Sequence[str], now: datetime) -> Page:
    from syncd.flow.support import Page

    lines = [
        f"Made by `syncd support-bundle` at {now:%Y-%m-%d %H:%M:%S} UTC.",
        "Bodies of requests and answers, hooks, and what people wrote into cases are not in it.",
        "",
        *(f"{one.name}: {one.masked} masked" for one in pages),
        *(f"Not known, and so not looked for: {doubt}" for doubt in doubts),
    ]
    return Page("ABOUT.txt", "\n".join(lines) + "\n", 0)


def _write(path: Path, pages: Sequence[Page], now: datetime) -> None:
    """For its owner alone, and nothing is left behind when it cannot be written."""
    from syncd.errors import Misconfigured

    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        for one in pages:
            data = one.text.encode("utf-8", "replace")
            info = tarfile.TarInfo(f"syncd-support/{one.name}")
            info.size, info.mtime, info.mode = len(data), int(now.timestamp()), 0o600
            tar.addfile(info, io.BytesIO(data))
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        message = f"{path} cannot be written ({error.strerror}); name another place by --file."
        raise Misconfigured(message) from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(made.getvalue())
