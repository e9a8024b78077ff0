"""Nothing is believed that is not proven, nothing proven is refused, and what is stored is stored once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from syncd.core.changes import Side
from syncd.core.shard import is_shard
from syncd.errors import BadSignature
from syncd.flow import accept
from syncd.store.tables import arrivals
from syncd.systems.port import Hook
from tests.receiver.site import Site, event, signed, site


@pytest.fixture(params=["sqlite", "postgresql"])
def here(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    url = request.getfixturevalue("database")() if request.param == "postgresql" else ""
    with site(tmp_path, url=url) as made:
        yield made


def proven(here: Site, body: bytes) -> accept.Taken:
    return accept.prove(here.connections.door("pd"), Hook(signed(body), body, here.clock.now()))


def test_hosts_share_one_clock(database: Callable[[], str], tmp_path: Path) -> None:
    """A receiver whose own clock is an hour ahead: what it takes in is due now, and in the order it came."""
    with site(tmp_path, url=database()) as here:
        first, second = proven(here, event("E1")), proven(here, event("E2"))
        ahead = [
            replace(one, arrival=replace(one.arrival, received_at=here.clock.now() + timedelta(hours=1, seconds=place)))
            for place, one in enumerate((first, second))
        ]
        accept.store(here.db, ahead)
        with here.db.read() as tx:
            found = tx.execute(select(arrivals).order_by(arrivals.c.received_at)).all()
            now = here.db.now(tx)
    assert [row.event_key for row in found] == ["E1", "E2"]
    assert all(row.next_at <= now for row in found)
    assert round((found[1].received_at - found[0].received_at).total_seconds()) == 1


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 10_000), byte=st.integers(0, 255), cut=st.booleans())
def test_no_changed_body_is_ever_proven(here: Site, at: int, byte: int, cut: bool) -> None:
    body = event()
    place = at % len(body)
    changed = body[:place] if cut else body[:place] + bytes([byte]) + body[place + 1 :]
    hook = Hook(signed(body), changed, here.clock.now())
    door = here.connections.door("pd")
    if changed == body:
        assert accept.prove(door, hook).arrival.body == body
    else:
        with pytest.raises(BadSignature):
            accept.prove(door, hook)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=200)
    | st.recursive(st.none() | st.text() | st.floats(), st.lists).map(json.dumps).map(str.encode)
)
def test_anything_that_is_proven_is_taken_whole(here: Site, body: bytes) -> None:
    taken = proven(here, body)
    assert taken.arrival.body == body
    assert is_shard(taken.arrival.shard)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    event_id=st.text(st.characters(), max_size=300),
    incident=st.text(st.characters(), max_size=300),
    kind=st.text(st.characters(), max_size=100),
)
def test_whatever_an_event_names_can_be_stored(here: Site, event_id: str, incident: str, kind: str) -> None:
    taken = proven(here, event(event_id, incident, kind))
    first = accept.store(here.db, [taken])[0]
    again = accept.store(here.db, [taken])[0]
    if taken.arrival.event_key is None:
        assert None not in (first, again)
    else:
        assert again is None


def test_a_group_is_stored_with_each_event_once_and_a_row_for_each_repeat(here: Site) -> None:
    group = [proven(here, event(name)) for name in ("a", "b", "a", "c", "a")]
    ids = accept.store(here.db, group)
    assert [arrival_id is None for arrival_id in ids] == [False, False, True, False, True]
    assert [row["event_key"] for row in here.arrivals()] == ["a", "b", "c"]
    assert [(row["reason"], row["incident_id"]) for row in here.deliveries()] == [("duplicate", "PT4KHLK")] * 2


def test_each_gets_the_id_of_its_own_row_whatever_of_its_group_was_here_before(here: Site) -> None:
    nameless = b'{"event": {"event_type": "incident.resolved", "data": {"id": "Q1"}}}'
    accept.store(here.db, [proven(here, event(name)) for name in ("m", "c")])
    bodies = [event("z"), event("c"), nameless, event("a"), event("z"), event("m"), event("b")]
    for round_of_them in (bodies, bodies[:2], [event("x"), event("k")]):
        ids = accept.store(here.db, [proven(here, body) for body in round_of_them])
        stored = {row["id"]: row for row in here.arrivals()}
        new = [(body, arrival_id) for body, arrival_id in zip(round_of_them, ids, strict=True) if arrival_id]
        assert all(stored[arrival_id]["body"] == body for body, arrival_id in new)
        assert len({arrival_id for _, arrival_id in new}) == len(new)
    rows = here.arrivals()
    assert len(rows) == len({row["event_key"] for row in rows}) == 8
    (row,) = [row for row in rows if row["event_key"] == "a"]
    assert (row["state"], row["is_unlinked"], row["attempt"], row["next_at"]) == ("new", False, 0, row["received_at"])


def test_a_record_and_its_events_share_a_shard_whatever_their_id(here: Site) -> None:
    assert len({proven(here, event(str(number))).arrival.shard for number in range(20)}) == 1


def test_the_row_of_one_turned_away_tells_the_source_and_nothing_of_its_body(here: Site) -> None:
    door = here.connections.door("pd")
    accept.turn_away(here.db, door, "No signature\x00 matches." + "x" * 2000)
    (row,) = here.deliveries()
    assert (row["direction"], row["outcome"], row["source_system"]) == ("inbound", "rejected", "pd")
    assert len(row["detail"]) == 1000
    assert "\x00" not in row["detail"]
    assert door.side is Side.INCIDENT


@given(text=st.text(st.characters(), max_size=80), other=st.text(st.characters(), max_size=80))
def test_cleaned_names_fit_and_stay_different(text: str, other: str) -> None:
    cleaned = accept.storable(text, 40)
    assert len(cleaned) <= 40
    assert "\x00" not in cleaned
    cleaned.encode()
    if text != other:
        assert cleaned != accept.storable(other, 40)
