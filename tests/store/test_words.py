"""The texts of errands, for whoever shows what was said."""

from __future__ import annotations

from syncd.core.changes import Side, Verb
from syncd.core.errand import Draft, ErrandKind
from syncd.store import errands
from syncd.store.database import Database
from syncd.store.errands import NewErrand
from syncd.store.words import words_of
from tests.store.ledger import NOON, a_link, an_errand

STATUS = Draft(Side.INCIDENT, ErrandKind.STATUS, Verb.RESOLVE)


def test_of_errands_those_that_say_something_are_told(db: Database) -> None:
    with db.write() as tx:
        link = a_link(tx)
        said = an_errand(tx, link)
        silent = errands.add(tx, NewErrand(link.id, STATUS, link.shard, NOON)).id
        assert words_of(tx, {said, silent, 4711}) == {said: "words"}
        assert words_of(tx, set()) == {}
