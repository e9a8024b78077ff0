"""Old rows of every kind and state, written straight into the tables; and, in plain words, which of them may go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import strategies as st
from sqlalchemy import Table, insert, select

from syncd.core.lifecycle import ErrandState
from syncd.flow.retention.pruning import Policy
from syncd.store.database import Database, Tx
from syncd.store.retention import Kept
from syncd.store.tables import arrivals, deliveries, errands, notes
from tests.store.ledger import a_link

POLICY = Policy(
    {
        Kept.BODIES: timedelta(days=30),
        Kept.HOOKS: timedelta(days=200),
        Kept.DELIVERIES: timedelta(days=400),
        Kept.ACTIONS: timedelta(days=400),
    }
)
AGES = (0, 29, 31, 199, 201, 399, 401, 900)  # days
LIVE = {"waiting", "sending", "held"}


@dataclass(frozen=True, slots=True)
class OldHook:
    age: int
    state: str = "planned"


@dataclass(frozen=True, slots=True)
class OldErrand:
    """Its hook and what it replays are places in the other lists, counted round."""

    state: str = "delivered"
    kind: str = "note"
    dealt_with: str = ""
    is_doubtful: bool = False
    far_id: str = ""
    hook: int | None = None
    replay_of: int | None = None
    told_by: int | None = None  # a hook that told of a note taken for this one's

    @property
    def is_open(self) -> bool:
        return self.state in LIVE or (self.state == "dead" and not self.dealt_with)

    @property
    def may_come_back(self) -> bool:
        return self.kind in {"note", "closing_note"} and self.is_doubtful and not self.far_id


@dataclass(frozen=True, slots=True)
class OldDelivery:
    age: int
    errand: int | None = None


@dataclass(frozen=True, slots=True)
class Attic:
    hooks: Sequence[OldHook]
    errands: Sequence[OldErrand]
    deliveries: Sequence[OldDelivery]

    def bodiless(self) -> set[int]:
        """Places of the hooks whose body goes."""
        needed = {_at(one.hook, self.hooks) for one in self.errands if one.is_open}
        needed |= {_at(one.told_by, self.hooks) for one in self.errands if one.is_open}
        return {n for n, one in enumerate(self.hooks) if one.age > 30 and one.state != "new" and n not in needed}

    def gone_hooks(self) -> set[int]:
        return {n for n in self.bodiless() if self.hooks[n].age > 200 and n != len(self.hooks) - 1}

    def gone_deliveries(self) -> set[int]:
        replayed = {_at(one.replay_of, self.deliveries) for one in self.errands if one.is_open}
        is_old = (n for n, one in enumerate(self.deliveries) if one.age > 400 and n != len(self.deliveries) - 1)
        return {n for n in is_old if n not in replayed and not self._is_of_open(self.deliveries[n])}

    def gone_errands(self) -> set[int]:
        gone = self.gone_deliveries()
        before = {_at(one.errand, self.errands) for one in self.deliveries}
        after = {_at(one.errand, self.errands) for n, one in enumerate(self.deliveries) if n not in gone}
        lost = {n for n in before - after if n is not None and n != len(self.errands) - 1}
        return {n for n in lost if not self.errands[n].is_open and not self.errands[n].may_come_back}

    def _is_of_open(self, one: OldDelivery) -> bool:
        place = _at(one.errand, self.errands)
        return place is not None and self.errands[place].is_open

    def fill(self, db: Database) -> None:
        """The ids are the places, counted from one."""
        with db.write() as tx:
            now = db.now(tx)
            for number, hook in enumerate(self.hooks, 1):
                tx.execute(insert(arrivals).values(**_hook_row(number, hook, now)))
            for number, errand in enumerate(self.errands, 1):
                self._put(tx, number, errand, now)
            for number, delivery in enumerate(self.deliveries, 1):
                errand_id = _id(delivery.errand, self.errands)
                tx.execute(insert(deliveries).values(**_delivery_row(number, delivery.age, errand_id, now)))

    def _put(self, tx: Tx, number: int, errand: OldErrand, now: datetime) -> None:
        """On a link of its own, so that every state may stand beside every other."""
        link = a_link(tx, number)
        row = {"id": number, "link_id": link.id, "side": "incident", "kind": errand.kind, "change": "comment"}
        row |= {"state": errand.state, "dealt_with": errand.dealt_with, "is_doubtful": errand.is_doubtful}
        row |= {"far_id": errand.far_id, "token": "t" if errand.state == ErrandState.SENDING else ""}
        row |= {"arrival_id": _id(errand.hook, self.hooks), "replay_of": _id(errand.replay_of, self.deliveries)}
        tx.execute(insert(errands).values(**row, next_at=now, created_at=now, shard=1))
        told_by = _id(errand.told_by, self.hooks)
        if told_by is not None:
            values = {"link_id": link.id, "side": "incident", "note_id": "n", "errand_id": number}
            tx.execute(insert(notes).values(**values, arrival_id=told_by))


def attics() -> st.SearchStrategy[Attic]:
    places = st.none() | st.integers(0, 7)
    ages = st.sampled_from(AGES)
    hooks = st.builds(OldHook, ages, st.sampled_from(["new", "planned", "planned", "unreadable"]))
    of_errands = st.builds(
        OldErrand,
        st.sampled_from(list(ErrandState)).map(str),
        st.sampled_from(["note", "closing_note", "status"]),
        st.sampled_from(["", "parked", "replayed"]),
        st.booleans(),
        st.sampled_from(["", "N1"]),
        places,
        places,
        places,
    )
    of_deliveries = st.builds(OldDelivery, ages, places)
    return st.builds(
        Attic,
        st.lists(hooks, max_size=8),
        st.lists(of_errands, max_size=6),
        st.lists(of_deliveries, max_size=8),
    )


def bodies(db: Database) -> dict[int, bytes]:
    with db.read() as tx:
        return {row.id: row.body for row in tx.execute(select(arrivals.c.id, arrivals.c.body))}


def ids(db: Database, table: Table) -> set[int]:
    with db.read() as tx:
        return set(tx.scalars(select(table.c.id)))


def _at(place: int | None, of: Sequence[object]) -> int | None:
    return None if place is None or not of else place % len(of)


def _id(place: int | None, of: Sequence[object]) -> int | None:
    found = _at(place, of)
    return None if found is None else found + 1


def _hook_row(number: int, hook: OldHook, now: datetime) -> dict[str, object]:
    at = now - timedelta(days=hook.age)
    row: dict[str, object] = {"id": number, "source": "pagerduty", "event_key": f"e{number}", "event_type": "t"}
    return {**row, "record": "I-1", "body": b"{}", "received_at": at, "next_at": at, "state": hook.state, "shard": 1}


def _delivery_row(number: int, age: int, errand_id: int | None, now: datetime) -> dict[str, object]:
    row: dict[str, object] = {"id": number, "recorded_at": now - timedelta(days=age), "direction": "outbound"}
    return {**row, "change": "comment", "outcome": "applied", "reason": "noted", "errand_id": errand_id}
