"""Whatever others have written, no command draws with it on the terminal of whoever asks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from syncd.store import deliveries, notices
from syncd.store.database import Database
from syncd.store.tables_of_accounts import integrations
from tests.store.audit.rows import ROWS

from .conftest import Syncd

HOSTILE = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202egone\r\x08"


@pytest.fixture
def written(syncd: Syncd, store: Database) -> None:
    """A reason, a row and a notice, each with such words in it."""
    assert syncd("cases", "open", f"Title {HOSTILE}").code == 0
    with store.write() as tx:
        tx.execute(update(integrations).values(reason=HOSTILE, state="disconnected", code="PAG-100-B"))
        deliveries.record_many(tx, [replace(ROWS[0], detail=HOSTILE, actor=f"={HOSTILE}", recorded_at=store.now(tx))])
        notices.raise_(tx, "link.stuck", f"acme {HOSTILE}", HOSTILE, HOSTILE, store.now(tx))


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("form", ["table", "json", "ndjson", "csv"])
@pytest.mark.parametrize(
    "words",
    [
        ("status",),
        ("deliveries", "list"),
        ("deliveries", "show", "1"),
        ("channels", "notices"),
        ("cases", "list"),
        ("integrations", "list"),
        ("why", HOSTILE),
        ("cases", "show", HOSTILE),
    ],
    ids=" ".join,
)
def test_no_command_draws(syncd: Syncd, words: tuple[str, ...], form: str) -> None:
    ended = syncd(*words, "-o", form)
    said = ended.out + ended.err
    assert said
    assert [line for line in said.split("\n") if not line.isprintable()] == []


@pytest.mark.parametrize(
    "words", [("integrations", "pause", HOSTILE), ("deliveries", "list", f"nothing:{HOSTILE}"), ("explain", HOSTILE)]
)
def test_no_refusal_draws(syncd: Syncd, words: tuple[str, ...]) -> None:
    refused = syncd(*words)
    assert refused.code != 0
    assert [line for line in refused.err.split("\n") if not line.isprintable()] == []
