"""What is known again as a write of ours in somebody's name, and whose changes may be written so at all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.core.changes import Actor, Field, FieldSeen, Record, Side, Status, Verb
from syncd.core.errand import Errand, ErrandKind
from syncd.core.link import Wish
from syncd.core.pen_name import A_MOMENT, REPEATED_FOR, PenName, person_behind, unmasked, without_ours

from .links import NOON, at

ANA = Actor("Ana", id="U1")
BORROWED = PenName("U1", Field.PRIORITY, "HIGH", NOON, landed_by=at(3))
SEEN = FieldSeen(Field.PRIORITY, "HIGH", ANA, at(3))


@pytest.mark.parametrize(
    ("seen", "heard", "is_us"),
    [
        (SEEN, at(4), True),
        (SEEN, at(-1), False),  # It was heard of before we wrote.
        (SEEN, NOON + REPEATED_FOR + timedelta(seconds=1), False),
        (FieldSeen(Field.PRIORITY, "LOW", ANA, at(3)), at(4), False),
        (FieldSeen(Field.STATUS, "HIGH", ANA, at(3)), at(4), False),
        (FieldSeen(Field.PRIORITY, "HIGH", Actor("Ana", id="U2"), at(3)), at(4), False),
        (FieldSeen(Field.PRIORITY, "HIGH", Actor("Ana"), at(3)), at(4), False),
        (FieldSeen(Field.PRIORITY, "HIGH", ANA, at(3) + A_MOMENT), at(60), True),
        (FieldSeen(Field.PRIORITY, "HIGH", ANA, at(4) + A_MOMENT), at(60), False),  # She has done it again herself.
        (FieldSeen(Field.PRIORITY, "HIGH", ANA), at(60), True),
    ],
)
def test_only_what_we_wrote_in_that_name_and_until_it_had_landed_is_ours(
    seen: FieldSeen, heard: object, is_us: bool
) -> None:
    found = unmasked(seen, [BORROWED], heard)  # type: ignore[arg-type]
    assert found.by.is_us is is_us
    assert (found.by.name, found.value) == (seen.by.name, seen.value)


def test_while_nobody_knows_when_it_landed_every_such_change_may_be_ours() -> None:
    open_ended = PenName("U1", Field.PRIORITY, "HIGH", NOON)
    late = FieldSeen(Field.PRIORITY, "HIGH", ANA, at(3600))
    assert unmasked(late, [open_ended], at(3601)).by.is_us


BY = Actor("Ana", email="ana@example.com")


def _errand(kind: ErrandKind, change: Verb = Verb.NOTE) -> Errand:
    return Errand("1", "1", Side.INCIDENT, kind, change, 1)


@pytest.mark.parametrize(
    ("errand", "wish", "by", "is_theirs"),
    [
        (_errand(ErrandKind.STATUS), Wish("resolved", "open", BY), Actor(), True),
        (_errand(ErrandKind.STATUS), Wish("resolved", "open", BY, is_amends=True), BY, False),
        (_errand(ErrandKind.STATUS), Wish("resolved", "open", Actor("Ana")), BY, False),
        (_errand(ErrandKind.STATUS), Wish("resolved", "open", Actor("Ana", is_us=True, email="a@b")), BY, False),
        (_errand(ErrandKind.OPEN, Verb.OPEN), None, BY, True),
        (_errand(ErrandKind.NOTE), None, BY, True),
        (_errand(ErrandKind.NOTE, Verb.RESOLUTION_NOTE), None, BY, True),
        (_errand(ErrandKind.NOTE, Verb.REOPEN), None, BY, False),  # It says in our words what she did.
        (_errand(ErrandKind.CLOSING_NOTE, Verb.CLOSE), None, BY, False),
    ],
)
def test_only_what_people_do_and_say_themselves_is_in_their_name(
    errand: Errand, wish: Wish | None, by: Actor, is_theirs: bool
) -> None:
    assert (person_behind(errand, wish, by) is not None) is is_theirs


@pytest.mark.parametrize(("by", "is_named"), [(ANA, False), (Actor("Ben", id="U2"), True)])
def test_a_record_names_only_people_who_did_so_themselves(by: Actor, is_named: bool) -> None:
    """Else whoever reopened an incident by a write of ours that crossed a resolve would seem to have wanted that."""
    ours = PenName("U1", Field.STATUS, Status.ACKNOWLEDGED, NOON)
    record = Record("Q1", Status.ACKNOWLEDGED, at=at(3), by={Field.STATUS: by})
    assert (Field.STATUS in without_ours(record, [ours], at(4)).by) is is_named
