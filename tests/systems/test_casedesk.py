"""The adapter for another case system, against the simulated desk: the contract, its hooks, and its lies."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.clock import StoppedClock
from syncd.core.changes import Actor, CaseOpened, Field, FieldSeen, NoteSeen, Status
from syncd.errors import Ambiguous, BadSignature, Misconfigured, Refused, Unreachable, Unreadable
from syncd.simulator import CaseDesk, Fault
from syncd.simulator.casedesk import HOOK_SECRET
from syncd.systems import casedesk
from syncd.systems.http import Http
from syncd.systems.port import Hook, Names, Opening, Page
from tests.parts.loopback import LOOPBACK
from tests.parts.ports import free_port
from tests.simulator.receiver import Receiver
from tests.systems.contract import Bench, SystemContract
from tests.systems.trips import trip

ANA = Actor("Ana Lima")
US = "syncd"


def system(url: str, token: str) -> casedesk.CaseDesk:
    return casedesk.CaseDesk(casedesk.http(url, token, outgoing=LOOPBACK), US)


@pytest.fixture
def ours(desk: CaseDesk, desk_url: str) -> casedesk.CaseDesk:
    return system(desk_url, desk.token)


class TestContract(SystemContract):
    @pytest.fixture
    def bench(self, desk: CaseDesk, desk_url: str, ours: casedesk.CaseDesk) -> Bench:
        desk.switches.idempotent = True
        return Bench(
            system=ours,
            badly_keyed=system(desk_url, "wrong-token"),
            far_away=system(f"http://127.0.0.1:{free_port()}", desk.token),
            begin=lambda: desk.cases.open("Checkout is slow", "Ana Lima").key,
            texts=lambda ref: [comment.text for comment in desk.cases.find(ref).comments],
            resolutions=lambda ref: [desk.cases.find(ref).resolution_note or ""],
            priority="P1",
            requests=desk.journal.requests,
            keeps_markers=True,
        )


def test_a_desk_tells_its_own_names_or_that_it_does_not(desk: CaseDesk, ours: casedesk.CaseDesk) -> None:
    desk.cases.priorities = ("high", "low")
    assert ours.names(trip()) == Names(("open", "acknowledged", "resolved", "closed"), ("high", "low"))
    desk.switches.tells_names = False
    assert ours.names(trip()) is None


@pytest.mark.parametrize(
    "told",
    [{}, {"statuses": ["open"]}, {"statuses": "open", "priorities": "P1"}, {"priorities": [1], "statuses": [""]}],
)
def test_a_desk_that_tells_half_of_it_has_told_nothing(
    desk: CaseDesk, ours: casedesk.CaseDesk, told: dict[str, object]
) -> None:
    desk.faults.lay(Fault(status=200, body=told))
    assert ours.names(trip()) is None


def test_a_desk_that_refuses_to_tell_has_not_said_that_it_has_none(desk: CaseDesk, ours: casedesk.CaseDesk) -> None:
    desk.faults.lay(Fault(status=403))
    with pytest.raises(Refused):
        ours.names(trip())


def test_a_case_names_who_set_each_field_last_unless_it_was_us(desk: CaseDesk, ours: casedesk.CaseDesk) -> None:
    key = desk.cases.open("Checkout is slow", "Ana Lima").key
    assert ours.fetch(trip(), key).by == {}
    desk.cases.acknowledge(key, "Ana Lima")
    desk.cases.set_priority(key, "Ben Osei", "P1")
    assert ours.fetch(trip(), key).by == {Field.STATUS: ANA, Field.PRIORITY: Actor("Ben Osei")}
    desk.cases.resolve(key, US, None)
    assert ours.fetch(trip(), key).by == {Field.PRIORITY: Actor("Ben Osei")}


def test_a_case_is_closed_and_shows_the_incident(desk: CaseDesk, ours: casedesk.CaseDesk) -> None:
    key = desk.cases.open("Checkout is slow", "Ana Lima").key
    ours.link(trip(), key, "https://pd.test/incidents/Q1")
    assert desk.cases.find(key).incident_url == "https://pd.test/incidents/Q1"
    applied = ours.set_status(trip(), key, Status.CLOSED, ANA, "")
    assert applied.record is not None
    assert applied.record.status is Status.CLOSED


def test_a_resolution_note_is_a_field(desk: CaseDesk, ours: casedesk.CaseDesk) -> None:
    key = desk.cases.open("Checkout is slow", "Ana Lima").key
    assert ours.fetch(trip(), key).resolution_note == ""
    applied = ours.set_resolution_note(trip(), key, "Rolled back", ANA)
    assert applied.record is not None
    assert applied.record.resolution_note == "Rolled back"
    assert ours.fetch(trip(), key).resolution_note == "Rolled back"


def test_a_refused_change_is_refused_for_good(desk: CaseDesk, ours: casedesk.CaseDesk) -> None:
    key = desk.cases.open("Checkout is slow", "Ana Lima").key
    desk.cases.close(key, "Ana Lima")
    for status in (Status.ACKNOWLEDGED, Status.OPEN, Status.RESOLVED):
        with pytest.raises(Refused) as caught:
            ours.set_status(trip(), key, status, ANA, "")
        assert (caught.value.reason, caught.value.status) == ("refused", 409)
    assert desk.cases.find(key).status == "closed"


WRITES: list[Callable[[casedesk.CaseDesk, str], object]] = [
    lambda ours, key: ours.set_status(trip(), key, Status.ACKNOWLEDGED, ANA, ""),
    lambda ours, key: ours.set_status(trip(), key, Status.RESOLVED, ANA, "Done"),
    lambda ours, key: ours.set_priority(trip(), key, "P1", ANA),
    lambda ours, key: ours.set_resolution_note(trip(), key, "Done", ANA),
]


@pytest.mark.parametrize("write", WRITES, ids=["acknowledge", "resolve", "priority", "resolution note"])
def test_a_200_that_changed_nothing_is_a_refusal(
    desk: CaseDesk, ours: casedesk.CaseDesk, write: Callable[[casedesk.CaseDesk, str], object]
) -> None:
    desk.switches.silent_refusal = True
    key = desk.cases.open("Checkout is slow", "Ana Lima").key
    desk.cases.close(key, "Ana Lima")
    with pytest.raises(Refused) as caught:
        write(ours, key)
    assert caught.value.reason == "refused"
    assert desk.journal.requests[-1].status == 200


@pytest.mark.parametrize("write", WRITES, ids=["acknowledge", "resolve", "priority", "resolution note"])
def test_an_answer_without_the_case_is_followed_by_a_look(
    desk: CaseDesk, ours: casedesk.CaseDesk, write: Callable[[casedesk.CaseDesk, str], object]
) -> None:
    key = desk.cases.open("Checkout is slow", "Ana Lima").key
    desk.faults.lay(Fault(methods=("POST",), status=200, applied=True, body={"ok": True}))
    write(ours, key)
    desk.faults.lay(Fault(methods=("POST",), status=200, applied=False, body={"ok": True}))
    with pytest.raises(Refused):
        ours.set_priority(trip(), key, "P5", ANA)
    assert desk.journal.requests[-1].method == "GET"


def test_a_saved_comment_whose_answer_was_lost_is_in_doubt(desk: CaseDesk, ours: casedesk.CaseDesk) -> None:
    key = desk.cases.open("Checkout is slow", "Ana Lima").key
    for fault in (Fault(status=500, applied=True), Fault(cut=True, applied=True), Fault(partial=True)):
        desk.faults.lay(fault)
        with pytest.raises(Ambiguous):
            ours.add_note(trip(), key, "Hello", "", "errand-1")
    assert [note.text for note in ours.notes(trip(), key) if note.is_ours] == ["Hello"] * 3


def test_the_errands_id_goes_along_as_the_idempotency_key(desk: CaseDesk, ours: casedesk.CaseDesk) -> None:
    desk.switches.idempotent = True
    key = desk.cases.open("Checkout is slow", "Ana Lima").key
    desk.faults.lay(Fault(methods=("POST",), status=500, applied=True))
    with pytest.raises(Ambiguous):
        ours.add_note(trip(), key, "Hello", "", "errand-9")
    again = ours.add_note(trip(), key, "Hello", "", "errand-9")
    assert [note.id for note in ours.notes(trip(), key)] == [again.note_id]


def test_somebody_elses_comment_is_not_ours(desk: CaseDesk, ours: casedesk.CaseDesk) -> None:
    key = desk.cases.open("Checkout is slow", "Ana Lima").key
    desk.cases.comment(key, "Ben Osei", "Looking")
    (note,) = ours.notes(trip(), key)
    assert (note.author, note.is_ours) == ("Ben Osei", False)


def test_a_desk_that_answers_nonsense_is_read_again_later(desk: CaseDesk, ours: casedesk.CaseDesk) -> None:
    key = desk.cases.open("Checkout is slow", "Ana Lima").key
    desk.faults.lay(Fault(status=200, shape="html"))
    with pytest.raises(Unreachable):
        ours.fetch(trip(), key)


def test_another_case_than_was_asked_for_is_not_taken_for_it(desk: CaseDesk, ours: casedesk.CaseDesk) -> None:
    key = desk.cases.open("Checkout is slow", "Ana Lima").key
    desk.faults.lay(Fault(status=200, body={"key": "CASE-77", "status": "resolved"}))
    with pytest.raises(Refused) as caught:
        ours.fetch(trip(), key)
    assert caught.value.reason == "gone"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_look_that_fails_after_a_write_leaves_it_in_doubt(
    desk: CaseDesk, ours: casedesk.CaseDesk, status: int
) -> None:
    key = desk.cases.open("Checkout is slow", "Ana Lima").key
    desk.faults.lay(Fault(methods=("POST",), status=200, applied=True, body={"ok": True}))
    desk.faults.lay(Fault(methods=("GET",), status=status))
    with pytest.raises(Ambiguous):
        ours.set_priority(trip(), key, "P1", ANA)
    assert desk.cases.find(key).priority == "P1"


def test_it_keeps_cases_and_opens_no_incidents(ours: casedesk.CaseDesk) -> None:
    opening = Opening("key", "Title", "Body", "S1")
    with pytest.raises(Refused):
        ours.find(trip(), opening)
    with pytest.raises(Refused):
        ours.open(trip(), opening)


def test_without_a_token_there_is_no_desk() -> None:
    with pytest.raises(Misconfigured):
        casedesk.http("https://desk.test", "")


def hooks_of(desk: CaseDesk, receiver: Receiver, ours: casedesk.CaseDesk, count: int) -> list[Hook]:
    """As they came over the wire, already found to be signed."""
    hooks = [Hook(one.headers, one.body, desk.hooks.clock.now()) for one in receiver.wait_for(count)]
    for hook in hooks:
        ours.verify(hook, [HOOK_SECRET])
    return hooks


def test_what_people_do_on_the_desk_is_read_from_its_hooks(
    desk: CaseDesk, ours: casedesk.CaseDesk, receiver: Receiver
) -> None:
    desk.hooks.url = receiver.url
    cases = desk.cases
    key = cases.open("Checkout is slow", "Ana Lima", priority="P2", connector="main").key
    cases.acknowledge(key, "Ana Lima")
    cases.set_priority(key, "Ben Osei", "P1")
    cases.comment(key, "Ben Osei", "Looking")
    cases.resolve(key, "Ana Lima", "Rolled back")
    cases.set_resolution_note(key, "Ana Lima", "Rolled back twice")
    cases.reopen(key, "Ana Lima")
    cases.close(key, "Ana Lima")
    hooks = hooks_of(desk, receiver, ours, 8)
    hints = [ours.parse(hook.body) for hook in hooks]
    ana, ben = Actor("Ana Lima"), Actor("Ben Osei")
    seen = [
        (type(it), getattr(it, "field", None), getattr(it, "value", None), it.by) for hint in hints for it in hint.seen
    ]
    assert seen == [
        (CaseOpened, None, None, ana),
        (FieldSeen, Field.STATUS, "acknowledged", ana),
        (FieldSeen, Field.PRIORITY, "P1", ben),
        (NoteSeen, None, None, ben),
        (FieldSeen, Field.STATUS, "resolved", ana),
        (FieldSeen, Field.RESOLUTION_NOTE, "Rolled back", ana),
        (FieldSeen, Field.RESOLUTION_NOTE, "Rolled back twice", ana),
        (FieldSeen, Field.STATUS, "open", ana),
        (FieldSeen, Field.STATUS, "closed", ana),
    ]
    assert {hint.ref for hint in hints} == {key}
    assert len({ours.glance(hook).key for hook in hooks}) == len(hooks)
    assert None not in {ours.glance(hook).key for hook in hooks}


def test_our_own_writes_come_back_as_ours(desk: CaseDesk, ours: casedesk.CaseDesk, receiver: Receiver) -> None:
    key = desk.cases.open("Checkout is slow", "Ana Lima").key
    desk.hooks.url = receiver.url
    applied = ours.set_status(trip(), key, Status.ACKNOWLEDGED, ANA, "")
    noted = ours.add_note(trip(), key, "Hello", "", "errand-1")
    (status,), (note,) = (ours.parse(hook.body).seen for hook in hooks_of(desk, receiver, ours, 2))
    assert status.by.is_us
    assert applied.record is not None
    assert status.at == applied.record.at
    assert isinstance(note, NoteSeen)
    assert (note.note_id, note.by.is_us) == (noted.note_id, True)


def test_a_thin_hook_names_only_the_case(desk: CaseDesk, ours: casedesk.CaseDesk, receiver: Receiver) -> None:
    desk.switches.thin_hooks = True
    desk.hooks.url = receiver.url
    key = desk.cases.open("Checkout is slow", "Ana Lima").key
    (hook,) = hooks_of(desk, receiver, ours, 1)
    hint = ours.parse(hook.body)
    assert (hint.ref, hint.is_thin, hint.seen) == (key, True, ())


def test_a_repeated_hook_has_the_same_name(desk: CaseDesk, ours: casedesk.CaseDesk, receiver: Receiver) -> None:
    desk.hooks.url = receiver.url
    desk.carriage.copies = 2
    receiver.answers.append(503)
    desk.cases.open("Checkout is slow", "Ana Lima")
    assert len({ours.glance(hook).key for hook in hooks_of(desk, receiver, ours, 3)}) == 1


def test_a_wrongly_signed_hook_is_refused(desk: CaseDesk, ours: casedesk.CaseDesk, receiver: Receiver) -> None:
    desk.hooks.url = receiver.url
    desk.carriage.sign_wrongly_next = 1
    desk.cases.open("Checkout is slow", "Ana Lima")
    (got,) = receiver.wait_for(1)
    with pytest.raises(BadSignature):
        ours.verify(Hook(got.headers, got.body, desk.hooks.clock.now()), [HOOK_SECRET])


offline = casedesk.CaseDesk(casedesk.http("https://desk.test", "token"), US)

words = st.sampled_from(
    [
        "type",
        "data",
        "case",
        "key",
        "by",
        "comment",
        "id",
        "text",
        "status",
        "updated_at",
        "case.resolved",
        "case.commented",
    ]
)
shapes = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=6),
    max_leaves=20,
)


@given(st.binary() | shapes.map(lambda value: json.dumps(value).encode()))
def test_reading_a_hook_ends_in_a_hint_or_is_unreadable(body: bytes) -> None:
    try:
        hint = offline.parse(body)
    except Unreadable:
        return
    assert hint.event_type


@pytest.mark.parametrize("body", [b"", b"\xff", b"[" * 100_000, b'{"type":"case.changed","n":NaN}'])
def test_what_is_no_bounded_json_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        offline.parse(body)


def test_text_that_a_database_refuses_is_replaced() -> None:
    comment = {"id": "c1", "text": "a\x00b\ud800", "author": "Ana"}
    body = {"type": "case.commented", "data": {"case": {"key": "C-1"}, "comment": comment, "by": "Ana"}}
    (seen,) = offline.parse(json.dumps(body).encode()).seen
    assert isinstance(seen, NoteSeen)
    assert seen.text == "a\ufffdb\ufffd"


def test_changed_cases_are_listed_in_pages_and_old_ones_left_out(desk: CaseDesk, ours: casedesk.CaseDesk) -> None:
    clock = desk.cases.clock = StoppedClock(datetime(2026, 3, 1, 12, tzinfo=UTC))
    old = desk.cases.open("Old", "Ana Lima").key
    clock.forward(3600)
    new = [desk.cases.open(f"New {number}", "Ana Lima").key for number in range(150)]
    found, cursor, count = [], "", 0
    while not count or cursor:
        page = ours.changed(trip(), clock.now() - timedelta(minutes=5), cursor)
        found += [one.ref for one in page.seen]
        cursor, count = page.cursor, count + 1
    assert (found, count) == (new, 2)
    assert old not in found
    assert ours.standing(trip(), (), "") == Page()


def test_a_changed_case_is_named_by_all_that_its_list_says_of_it(desk: CaseDesk, ours: casedesk.CaseDesk) -> None:
    clock = desk.cases.clock = StoppedClock(datetime(2026, 3, 1, 12, tzinfo=UTC))
    key = desk.cases.open("Checkout is slow", "Ana Lima").key

    def named() -> tuple[str, ...]:
        (seen,) = ours.changed(trip(), clock.now() - timedelta(minutes=5), "").seen
        return seen.changes

    before = named()
    assert named() == before
    desk.cases.comment(key, "Ana Lima", "In the same second")
    assert (len(before), len({*before, *named()})) == (1, 2)


def test_a_changed_case_without_a_time_has_no_name() -> None:
    """Where a comment moves no time it may show nowhere in the list."""

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"cases": [{"key": "C-1", "status": "open"}]})

    untimed = casedesk.CaseDesk(
        Http("The case desk", "https://desk.test", {}, transport=httpx.MockTransport(answer)), US
    )
    (seen,) = untimed.changed(trip(), datetime(2026, 3, 1, tzinfo=UTC), "").seen
    assert (seen.ref, seen.changes) == ("C-1", ())
