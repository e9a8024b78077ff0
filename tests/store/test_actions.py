"""The action log, on both databases: rows are added, ended once, and never changed."""

from __future__ import annotations

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from syncd.core.deeds import Deed, End, KnownAs, Taken, Way
from syncd.errors import NotFound
from syncd.store import actions
from syncd.store.actions import Asked
from syncd.store.database import Database
from syncd.store.tables_of_actions import actions as table
from tests.store.ledger import NOON, later

PAUSE = Deed(
    "Ana", KnownAs.USER, Way.CONSOLE, "sync:Operate", "POST /links/{link}/{act}", {"link": "7", "act": "pause"}
)
ISSUE = Deed("ci", KnownAs.TOKEN, Way.API, "access:Manage", "POST /v1/tokens", {"name": "new\x00"})


def test_it_is_read_newest_first_page_by_page_and_by_what_is_asked(db: Database) -> None:
    with db.write() as tx:
        first = actions.begin(tx, PAUSE, NOON)
        second = actions.add(tx, ISSUE, later(60), End.REFUSED, 403, "SYN-API-FORBIDDEN")
        actions.end(tx, first, later(1), End.DONE, 303, "")
        newest, oldest = actions.listing(tx, Asked())
        assert (newest.id, newest.outcome, newest.status, newest.detail) == (
            second,
            "refused",
            403,
            "SYN-API-FORBIDDEN",
        )
        assert newest.named == {"name": "new\N{REPLACEMENT CHARACTER}"}
        assert (oldest.outcome, oldest.status, oldest.at, oldest.ended_at) == ("done", 303, NOON, later(1))
        assert (oldest.who, oldest.known_as, oldest.way, oldest.named) == ("Ana", "user", "console", PAUSE.named)
        for asked in (
            Asked(who="Ana"),
            Asked(action="sync:Operate"),
            Asked(way="console"),
            Asked(outcome="done"),
        ):
            assert actions.listing(tx, asked) == [oldest]
        assert actions.listing(tx, Asked(since=later(30))) == [newest]
        assert actions.listing(tx, Asked(), before=newest.id) == [oldest]
        assert actions.listing(tx, Asked(), limit=1) == [newest]
        assert actions.listing(tx, Asked(who="Ana", action="access:Manage")) == []


def test_the_first_end_stands(db: Database) -> None:
    with db.write() as tx:
        number = actions.begin(tx, PAUSE, NOON)
        actions.end(tx, number, later(1), End.FAILED, 500, "SYN-API-BROKEN")
        actions.end(tx, number, later(2), End.DONE, 200, "")
        (row,) = actions.listing(tx, Asked())
    assert (row.outcome, row.status, row.ended_at) == ("failed", 500, later(1))


@pytest.mark.parametrize("taken", [None, Taken(5, 3 * 2**31, "f" * 64), Taken(None, 7)])
def test_one_is_asked_for_by_its_number_and_says_what_was_taken_out(db: Database, taken: Taken | None) -> None:
    with db.write() as tx:
        number = actions.begin(tx, ISSUE, NOON)
        assert actions.required(tx, number).taken is None
        actions.end(tx, number, later(1), End.DONE, 200, "", taken)
        assert actions.get(tx, number) == actions.required(tx, number) == actions.listing(tx, Asked())[0]
        assert actions.required(tx, number).taken == taken
        for other in (number + 1, 2**63):
            assert actions.get(tx, other) is None
            with pytest.raises(NotFound, match=f"There is no action {other}"):
                actions.required(tx, other)


@pytest.mark.parametrize(
    "change",
    [
        "who = 'Eve'",
        "act = 'nothing'",
        "named = '{}'",
        "outcome = 'done'",
        "status = 200",
        "at = ended_at",
        "taken_sha256 = 'x'",
    ],
)
def test_the_database_itself_lets_no_row_be_changed(db: Database, change: str) -> None:
    with db.write() as tx:
        actions.add(tx, ISSUE, NOON, End.REFUSED, 403, "")
    with pytest.raises(DBAPIError, match="a row of the action log is never changed"), db.write() as tx:
        tx.execute(text(f"UPDATE actions SET {change}"))  # noqa: S608
    with db.read() as tx:
        (row,) = actions.listing(tx, Asked())
    assert (row.who, row.outcome, row.status) == ("ci", "refused", 403)


def test_nor_what_it_was_while_it_is_being_done(db: Database) -> None:
    with db.write() as tx:
        actions.begin(tx, PAUSE, NOON)
    with pytest.raises(DBAPIError, match="never changed"), db.write() as tx:
        tx.execute(update(table).values(who="Eve"))
