"""The history of connections, on both databases."""

from __future__ import annotations

from syncd.core.connection import Kind
from syncd.store import connection_log
from syncd.store.database import Database
from tests.store.ledger import NOON, later


def test_the_history_is_read_newest_first_and_page_by_page(db: Database) -> None:
    with db.write() as tx:
        connection_log.add(tx, "acme", Kind.INITIATED, now=NOON, by="Ana")
        connection_log.add(tx, "other", Kind.CONNECTED, now=NOON)
        connection_log.add(
            tx, "acme", Kind.DISCONNECTED, now=later(60), code="PAG-100-B", detail="The key was refused."
        )
        newest, oldest = connection_log.listing(tx, "acme")
        assert (newest.kind, newest.code, newest.at) == (Kind.DISCONNECTED, "PAG-100-B", later(60))
        assert (oldest.kind, oldest.by) == (Kind.INITIATED, "Ana")
        assert connection_log.listing(tx, "acme", before=newest.id) == [oldest]
        assert len(connection_log.listing(tx)) == 3
        assert [one.id for one in connection_log.listing(tx, limit=1)] == [newest.id]


def test_what_no_database_takes_is_shown_as_its_mark(db: Database) -> None:
    with db.write() as tx:
        connection_log.add(tx, "acme", Kind.FAILED, now=NOON, by="Ana\x00", detail="half \ud800")
        (event,) = connection_log.listing(tx, "acme\x00") or connection_log.listing(tx, "acme")
    assert (event.by, event.detail) == ("Ana\N{REPLACEMENT CHARACTER}", "half \N{REPLACEMENT CHARACTER}")


def test_a_code_that_begins_its_sentence_is_told_once(db: Database) -> None:
    with db.write() as tx:
        connection_log.add(tx, "acme", Kind.FAILED, now=NOON, code="PAG-100-A", detail="PAG-100-A: PAG-100-B was told.")
        connection_log.add(tx, "acme", Kind.FAILED, now=NOON, detail="PAG-100-A: PAG-100-B was told.")
        bare, coded = connection_log.listing(tx, "acme")
    assert (coded.code, coded.detail) == ("PAG-100-A", "PAG-100-B was told.")
    assert bare.detail == "PAG-100-A: PAG-100-B was told.", "nothing else names it"
