"""What is believed of a link comes back from its row as it went there."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC

from hypothesis import given
from hypothesis import strategies as st

from syncd.core.changes import Actor
from syncd.core.link import Wish
from syncd.store import link_json

WISHES = st.builds(
    Wish, st.text(), st.text(), st.builds(Actor, st.text(), is_us=st.booleans()), is_amends=st.booleans(),
    earlier=st.lists(st.text()).map(tuple), heard_at=st.none() | st.datetimes(timezones=st.just(UTC)),
)  # fmt: skip


@given(WISHES)
def test_a_wish_keeps_all_that_the_core_decides_by(wish: Wish) -> None:
    assert {field.name for field in fields(Wish)} == {"value", "base", "by", "is_amends", "earlier", "heard_at"}
    assert link_json.wish_of(json.loads(json.dumps(link_json.wish_as_json(wish)))) == wish


def test_a_wish_that_the_release_before_wrote_is_understood() -> None:
    wish = link_json.wish_as_json(Wish("P1", "P2"))
    del wish["heard_at"]
    assert link_json.wish_of(wish) == Wish("P1", "P2")
