"""`syncd views ...`, and asking by one: here and on a daemon elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.clock import Clock
from syncd.store.database import Database
from tests.store.audit.rows import fill

from .conftest import Syncd


@pytest.mark.parametrize("is_here", [True, False])
def test_a_query_is_kept_by_a_name_and_asked_by_it(
    syncd: Syncd, store: Database, elsewhere: str, tmp_path: Path, is_here: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCD_BY", "Ana")
    file = "syncd.db" if is_here else "elsewhere/syncd.db"
    there = Database(f"sqlite:///{tmp_path / file}", Clock())
    fill(there)
    there.close()
    where = () if is_here else ("--server", elsewhere)
    saved = syncd("views", "save", "bad", "outcome=failed,retrying id>1", *where)
    assert (saved.code, saved.out.splitlines()[-1]) == (0, "bad is saved.")  # A daemon in this process logs there too.
    (one,) = syncd("views", "list", *where).json
    assert (one["name"], one["everybody"], one["q"], one["saved_by"]) == (
        "bad",
        False,
        "outcome:failed,retrying id>=2",
        "Ana",
    )
    assert syncd("views", "list", "--by", "Ben", *where).json == []
    assert [row["id"] for row in syncd("deliveries", "list", "--view", "bad", *where).json] == [4, 3]
    assert [row["id"] for row in syncd("deliveries", "list", "http:4xx attempt>2", "--view", "bad", *where).json] == [3]
    assert syncd("deliveries", "stats", "--view", "bad", "--by", "outcome", "id>0", *where).json["counted"] == 2
    assert len(syncd("deliveries", "export", "--to", "-", "--view", "bad", *where).out.splitlines()) >= 3
    missing = syncd("deliveries", "list", "--view", "good", *where)
    assert (missing.code, missing.out) == (4, "")
    assert "There is no saved view good; `syncd views list`" in missing.err
    assert syncd("views", "save", "Bad", "outcome:failed", *where).code == 2
    assert syncd("views", "remove", "bad", *where).out.endswith("bad is removed.\n")
    assert syncd("views", "remove", "bad", *where).code == 4
