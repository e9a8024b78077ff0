"""The built-in cases: legal and illegal acts, one transaction of row, line and arrival, and nothing written twice."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select
from sqlalchemy.exc import IntegrityError

from syncd.clock import Clock, StoppedClock
from syncd.core.changes import Status, Verb
from syncd.core.shard import shard_of
from syncd.errors import Conflict, NotFound
from syncd.store.case_timeline import Case, CaseFile
from syncd.store.cases import PRIORITIES, Cases, Done, Hand, NewCase
from syncd.store.database import Database
from syncd.store.tables import arrivals, metadata
from syncd.store.tables_of_cases import case_events, cases
from tests.store.payments import add_payments

ANA = Hand("Ana Lima", "api")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def create_tables(url: str) -> None:
    database = Database(url, Clock())
    metadata.create_all(database.engine)
    database.close()


@pytest.fixture
def desk(db: Database) -> Cases:
    add_payments(db)
    return Cases(db, site="http://syncd.test/")


def syncd(name: str = "Dana Ruiz", marker: str | None = None) -> Hand:
    return Hand(name, "PagerDuty", is_syncd=True, marker=marker)


def opened(desk: Cases, title: str = "Checkout is slow", **new: Any) -> str:  # noqa: ANN401  fields of several kinds
    return desk.open(NewCase(title, **new), ANA).case.key


def heard(db: Database) -> list[dict[str, Any]]:
    with db.read() as tx:
        return [dict(row) for row in tx.execute(select(arrivals).order_by(arrivals.c.id)).mappings()]


def test_a_new_case_gets_the_next_key_and_says_who_opened_it(desk: Cases) -> None:
    first, second = opened(desk), opened(desk, title="Payments fail", body="Since noon.", priority="P1")
    file = desk.file(second)
    assert [first, second] == ["CS-1", "CS-2"]
    assert (file.case.title, file.case.body, file.case.priority) == ("Payments fail", "Since noon.", "P1")
    assert (file.case.status, file.case.version) == (Status.OPEN, 1)
    assert [(line.kind, line.actor, line.via) for line in file.timeline] == [(Verb.OPEN, "Ana Lima", "api")]


def test_a_connector_that_is_not_there_is_refused_and_nothing_is_opened(db: Database, desk: Cases) -> None:
    with pytest.raises(Conflict, match="There is no connector 'paymets' for these cases; there are payments"):
        opened(desk, connector="paymets")
    assert (heard(db), desk.listing({})) == ([], ())


def test_opening_leaves_an_arrival_in_the_form_of_a_case_desks_hook(db: Database, desk: Cases) -> None:
    key = opened(desk, body="p95 above 2 s", priority="P2", connector="payments")
    (row,) = heard(db)
    line = desk.file(key).timeline[0]
    assert (row["source"], row["event_key"], row["event_type"]) == ("cases", f"case-event-{line.id}", "case.opened")
    assert (row["record"], row["state"], row["shard"]) == (key, "new", shard_of(key))
    body = json.loads(row["body"])
    assert body["type"] == "case.opened"
    assert body["data"]["by"] == "Ana Lima"
    assert body["data"]["connector"] == "payments"
    case = body["data"]["case"]
    assert (case["key"], case["title"], case["body"]) == (key, "Checkout is slow", "p95 above 2 s")
    assert (case["status"], case["priority"], case["url"]) == ("open", "P2", f"http://syncd.test/cases/{key}")
    assert datetime.fromisoformat(case["updated_at"]) == desk.get(key).updated_at


Act = Callable[[Cases, str], Done]
ACTS: dict[str, Act] = {
    "acknowledge": lambda desk, key: desk.acknowledge(key, ANA),
    "resolve": lambda desk, key: desk.resolve(key, ANA),
    "close": lambda desk, key: desk.close(key, ANA),
    "reopen": lambda desk, key: desk.reopen(key, ANA),
}
#: status before -> act -> status after; None: refused.
CHART: dict[Status, dict[str, Status | None]] = {
    Status.OPEN: {
        "acknowledge": Status.ACKNOWLEDGED,
        "resolve": Status.RESOLVED,
        "close": Status.CLOSED,
        "reopen": Status.OPEN,
    },
    Status.ACKNOWLEDGED: {
        "acknowledge": Status.ACKNOWLEDGED,
        "resolve": Status.RESOLVED,
        "close": Status.CLOSED,
        "reopen": None,
    },
    Status.RESOLVED: {
        "acknowledge": None,
        "resolve": Status.RESOLVED,
        "close": Status.CLOSED,
        "reopen": Status.OPEN,
    },
    Status.CLOSED: {"acknowledge": None, "resolve": None, "close": Status.CLOSED, "reopen": Status.OPEN},
}
BRINGS_TO = {
    Status.OPEN: (),
    Status.ACKNOWLEDGED: ("acknowledge",),
    Status.RESOLVED: ("resolve",),
    Status.CLOSED: ("close",),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("before", list(Status))
def test_every_act_in_every_status(db: Database, desk: Cases, before: Status, act: str) -> None:
    key = opened(desk)
    for step in BRINGS_TO[before]:
        ACTS[step](desk, key)
    told = len(heard(db))
    after = CHART[before][act]
    if after is None:
        with pytest.raises(Conflict, match=key):
            ACTS[act](desk, key)
        assert (desk.get(key).status, len(heard(db))) == (before, told)
        return
    done = ACTS[act](desk, key)
    assert desk.get(key).status is after
    assert done.is_new is (before is not after)
    assert len(heard(db)) == told + (before is not after), "an act that changes nothing is not news"


def test_a_closed_case_keeps_its_fields_and_takes_comments(desk: Cases) -> None:
    key = opened(desk)
    desk.close(key, ANA)
    with pytest.raises(Conflict, match="its priority"):
        desk.set_priority(key, ANA, "P1")
    with pytest.raises(Conflict, match="its resolution note"):
        desk.set_resolution_note(key, ANA, "Rolled back.")
    assert desk.comment(key, ANA, "Post-mortem on Monday.").is_new
    assert desk.set_incident_url(key, syncd(), "https://pd.test/1").case.incident_url == "https://pd.test/1"


def test_a_resolve_carries_its_note(db: Database, desk: Cases) -> None:
    key = opened(desk)
    done = desk.resolve(key, ANA, "Rolled back 5.31.")
    assert (done.case.status, done.case.resolution_note) == (Status.RESOLVED, "Rolled back 5.31.")
    body = json.loads(heard(db)[-1]["body"])
    assert (body["type"], body["data"]["case"]["resolution_note"]) == ("case.resolved", "Rolled back 5.31.")


def test_a_second_resolve_with_another_note_keeps_the_note(desk: Cases) -> None:
    key = opened(desk)
    desk.resolve(key, ANA, "Rolled back.")
    done = desk.resolve(key, ANA, "Rolled back 5.31.")
    assert done.event is not None
    assert (done.event.kind, done.case.resolution_note) == (Verb.RESOLUTION_NOTE, "Rolled back 5.31.")
    assert not desk.resolve(key, ANA).is_new


def test_a_comment_is_told_with_its_id_and_author(db: Database, desk: Cases) -> None:
    key = opened(desk)
    done = desk.comment(key, ANA, "Looking.")
    assert done.event is not None
    body = json.loads(heard(db)[-1]["body"])
    assert body["data"]["comment"] == {"id": str(done.event.id), "text": "Looking.", "author": "Ana Lima"}


def test_an_unknown_priority_is_refused_by_name(desk: Cases) -> None:
    key = opened(desk)
    with pytest.raises(Conflict, match="P9 is not a priority"):
        desk.set_priority(key, ANA, "P9")


@pytest.mark.parametrize("key", ["CS-99", "CS-0", "CS-", "42", "CS-1; drop", "CS-" + "9" * 30])
def test_a_key_that_names_no_case(desk: Cases, key: str) -> None:
    with pytest.raises(NotFound):
        desk.get(key)
    with pytest.raises(NotFound):
        desk.acknowledge(key, ANA)


def test_what_syncd_writes_is_shown_with_its_origin_and_leaves_no_arrival(db: Database, desk: Cases) -> None:
    key = opened(desk)
    desk.set_status(key, syncd(), Status.ACKNOWLEDGED)
    desk.set_priority(key, syncd(), "P1")
    desk.set_status(key, syncd(), Status.OPEN)
    desk.comment(key, syncd("Dana (PagerDuty)", "7"), "On it.")
    desk.set_incident_url(key, syncd("syncd"), "https://pd.test/incidents/Q1")
    lines = desk.file(key).timeline[1:]
    assert [line.kind for line in lines] == [
        Verb.ACKNOWLEDGE,
        Verb.PRIORITISE,
        Verb.UNACKNOWLEDGE,
        Verb.NOTE,
        Verb.LINK,
    ]
    assert {line.via for line in lines} == {"PagerDuty"}
    assert len(heard(db)) == 1


def test_syncd_may_move_a_resolved_case_back_but_never_a_closed_one(desk: Cases) -> None:
    key = opened(desk)
    desk.resolve(key, ANA)
    assert desk.set_status(key, syncd(), Status.ACKNOWLEDGED).case.status is Status.ACKNOWLEDGED
    desk.close(key, ANA)
    for status in (Status.OPEN, Status.ACKNOWLEDGED, Status.RESOLVED):
        with pytest.raises(Conflict, match="closed"):
            desk.set_status(key, syncd(), status)


def test_an_errand_writes_once(desk: Cases) -> None:
    key, other = opened(desk), opened(desk)
    first = desk.comment(key, syncd(marker="41"), "On it.")
    again = desk.comment(key, syncd(marker="41"), "On it.")
    assert first.event == again.event
    assert (first.is_new, again.is_new) == (True, False)
    assert len(desk.file(key).comments) == 1
    assert desk.comment(other, syncd(marker="41"), "On it.").is_new, "a marker counts for its own case"
    assert desk.comment(key, syncd(marker="42"), "On it.").is_new, "two people may write the same words"


def test_an_idempotency_key_opens_one_case(db: Database, desk: Cases) -> None:
    new = NewCase("Checkout is slow", "p95", "P2", "payments")
    first = desk.open(new, ANA, "abc")
    desk.set_priority(first.case.key, ANA, "P1")
    again = desk.open(new, ANA, "abc")
    assert (again.case.key, again.is_new, again.is_same) == (first.case.key, False, True)
    assert [row["event_type"] for row in heard(db)].count("case.opened") == 1


@pytest.mark.parametrize(
    ("new", "hand"),
    [
        (NewCase("Another", "p95", "P2", "payments"), ANA),
        (NewCase("Checkout is slow", "p99", "P2", "payments"), ANA),
        (NewCase("Checkout is slow", "p95", "P1", "payments"), ANA),
        (NewCase("Checkout is slow", "p95", "P2", "checkout"), ANA),
        (NewCase("Checkout is slow", "p95", "P2", "payments"), Hand("Ben Osei", "api")),
    ],
)
def test_an_idempotency_key_used_for_something_else_is_noticed(desk: Cases, new: NewCase, hand: Hand) -> None:
    desk.open(NewCase("Checkout is slow", "p95", "P2", "payments"), ANA, "abc")
    assert not desk.open(new, hand, "abc").is_same


def test_two_clients_with_one_idempotency_key_at_once_open_one_case(desk: Cases) -> None:
    ready, keys = threading.Barrier(4), []

    def ask() -> None:
        ready.wait(10)
        keys.append(desk.open(NewCase("Checkout is slow"), ANA, "same").case.key)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(keys) == 4
    assert len(set(keys)) == 1


def test_comments_made_at_once_all_count(desk: Cases) -> None:
    key = opened(desk)
    threads = [threading.Thread(target=desk.comment, args=(key, ANA, f"Comment {n}")) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    file = desk.file(key)
    assert file.case.version == 9, "every act read what the one before it wrote"
    assert len(file.comments) == 8


def test_nothing_stays_when_the_arrival_cannot_be_stored(db: Database, desk: Cases) -> None:
    key = opened(desk)
    before = (desk.file(key), len(heard(db)))

    def fail(*args: object) -> None:
        if "INSERT INTO arrivals" in str(args[2]):
            raise IntegrityError("INSERT INTO arrivals", None, ValueError("the disk is full"))

    event.listen(db.engine, "before_cursor_execute", fail)
    with pytest.raises(IntegrityError):
        desk.acknowledge(key, ANA)
    with pytest.raises(IntegrityError):
        desk.open(NewCase("Another"), ANA)
    event.remove(db.engine, "before_cursor_execute", fail)
    assert (desk.file(key), len(heard(db))) == before
    with db.read() as tx:
        assert tx.execute(select(func.count()).select_from(cases)).scalar_one() == 1
        assert tx.execute(select(func.count()).select_from(case_events)).scalar_one() == 1


def test_the_bell_is_rung_for_a_persons_act_after_it_is_stored(db: Database) -> None:
    rung: list[tuple[list[int], int]] = []
    desk = Cases(db, ring=lambda shards: rung.append((list(shards), len(heard(db)))))
    key = opened(desk)
    desk.acknowledge(key, ANA)
    desk.acknowledge(key, ANA)
    desk.set_priority(key, syncd(), "P1")
    assert rung == [([shard_of(key)], 1), ([shard_of(key)], 2)]


def test_text_no_database_can_keep_is_marked(desk: Cases) -> None:
    key = opened(desk, title="a\x00b\ud800c")
    assert desk.get(key).title == "a\ufffdb\ufffdc"


def test_cases_are_listed_newest_first_by_page(desk: Cases) -> None:
    keys = [opened(desk) for _ in range(5)]
    desk.close(keys[1], ANA)
    first = desk.listing({}, limit=2)
    second = desk.listing({}, limit=2, before=first[-1].key)
    assert [case.key for case in (*first, *second)] == keys[:0:-1]
    assert [case.key for case in desk.listing({"status": "closed"})] == [keys[1]]


def test_a_cases_clock_never_stands_still(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/cases.db"
    create_tables(url)
    db = Database(url, StoppedClock(NOON))
    desk = Cases(db)
    key = opened(desk)
    moments = [desk.get(key).updated_at]
    moments += [desk.comment(key, ANA, text).case.updated_at for text in ("one", "two", "three")]
    db.close()
    assert moments == sorted(set(moments))


def replayed(file: CaseFile) -> Case:
    """The case as its timeline alone tells it."""
    state: dict[str, object] = {"resolution_note": "", "incident_url": ""}
    for line in file.timeline:
        match line.kind:
            case Verb.OPEN:
                state |= {"status": Status.OPEN, "priority": line.value}
            case Verb.PRIORITISE:
                state["priority"] = line.value
            case Verb.RESOLUTION_NOTE:
                state["resolution_note"] = line.text
            case Verb.LINK:
                state["incident_url"] = line.value
            case Verb.NOTE:
                pass
            case _:
                state["status"] = Status(line.value)
                state["resolution_note"] = line.text or state["resolution_note"]
    return Case(
        **{name: getattr(file.case, name) for name in ("number", "title", "body", "connector", "created_at")},
        version=len(file.timeline),
        updated_at=file.timeline[-1].at,
        **state,  # type: ignore[arg-type]  # gathered by name
    )


texts = st.sampled_from(["", "Rolled back.", "Restarted."])
acts = st.one_of(
    st.sampled_from([("acknowledge",), ("close",), ("reopen",)]),
    st.tuples(st.just("resolve"), texts),
    st.tuples(st.just("set_resolution_note"), texts),
    st.tuples(st.just("comment"), texts),
    st.tuples(st.just("set_priority"), st.sampled_from(PRIORITIES)),
    st.tuples(st.just("set_status"), st.sampled_from([Status.OPEN, Status.ACKNOWLEDGED, Status.RESOLVED]), texts),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(acts, max_size=12))
def test_whatever_is_done_the_case_is_what_its_timeline_tells(steps: list[tuple[str, ...]]) -> None:
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/cases.db"
        create_tables(url)
        db = Database(url, StoppedClock(NOON))
        desk = Cases(db)
        key, by_people = opened(desk), 1
        for name, *values in steps:
            hand = syncd() if name == "set_status" else ANA
            try:
                done = getattr(desk, name)(key, hand, *values)
            except Conflict:
                continue
            by_people += done.is_new and not hand.is_syncd
        file, told = desk.file(key), len(heard(db))
        db.close()
    assert file.case == replayed(file)
    assert told == by_people
