"""A password in the address of a server is neither in what `config show` says nor in a support bundle, whatever quotes it."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from .conftest import Syncd


def bundled(path: Path) -> str:
    with tarfile.open(path) as tar:
        files = [tar.extractfile(member) for member in tar.getmembers()]
        return "\n".join(file.read().decode() for file in files if file is not None)


@pytest.mark.parametrize(
    ("address", "password"),
    [
        ("postgresql://127.0.0.1:1/x?user=u&password=S3crt9x", "S3crt9x"),
        ("postgresql://u:S3cr/t9x@127.0.0.1:1/x", "S3cr/t9x"),
        ("postgresql://u:S3cr%2Ft9x@127.0.0.1:1/x", "S3cr%2Ft9x"),
    ],
)
def test_no_spelling_of_the_database_shows_its_password(
    syncd: Syncd, home: Path, monkeypatch: pytest.MonkeyPatch, address: str, password: str
) -> None:
    monkeypatch.setenv("SYNCD_DATABASE_URL", address)
    (home / "kept.log").write_text(f"It was started with {password}, and at {address}.\n")
    shown, checked = syncd("config", "show"), syncd("config", "check")
    ended = syncd("support-bundle", "-f", str(home / "b.tar.gz"), "--log", str(home / "kept.log"))
    told = "".join(one for each in (shown, checked, ended) for one in (each.out, each.err))
    assert ended.code == 0
    assert password not in told + bundled(home / "b.tar.gz")
    assert "***" in shown.out
