"""A status goes before a note, a note before what is read to compare, and that before evidence."""

from __future__ import annotations

from syncd.budget.lane import Lane


def test_the_order_is_the_one_that_was_promised() -> None:
    assert sorted(Lane, reverse=True) == [Lane.STATUS, Lane.NOTE, Lane.RECONCILE, Lane.EVIDENCE]
