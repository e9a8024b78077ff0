"""Events of a case desk: every type, thin and foreign ones, and bodies that are not what they should be."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.changes import Actor, CaseOpened, Field, FieldSeen, NoteSeen
from syncd.errors import Unreadable
from syncd.systems.desk_events import STATUS_TYPES, opening, parse

CASE = {
    "key": "D-7",
    "title": "Checkout is slow",
    "status": "resolved",
    "priority": "P2",
    "resolution_note": "Rolled back.",
    "url": "https://desk.test/D-7",
    "version": 4,
    "updated_at": "2026-11-21T12:00:00.123+00:00",
}
AT = datetime(2026, 11, 21, 12, 0, 0, 123000, tzinfo=UTC)


def event(kind: object, **data: object) -> bytes:
    body = {"type": kind, "timestamp": "2026-11-21T12:00:01Z", "data": {"case": CASE, "by": "Ana Lima", **data}}
    return json.dumps(body).encode()


def test_a_resolve_says_the_status_first_and_then_the_note() -> None:
    hint = parse(event("case.resolved"))
    assert (hint.ref, hint.occurred_at) == ("D-7", AT)
    assert [seen.field for seen in hint.seen if isinstance(seen, FieldSeen)] == [Field.STATUS, Field.RESOLUTION_NOTE]


@pytest.mark.parametrize("kind", sorted(STATUS_TYPES - {"case.resolved"}))
def test_other_status_events_carry_no_old_note_along(kind: str) -> None:
    (seen,) = parse(event(kind)).seen
    assert isinstance(seen, FieldSeen)
    assert (seen.field, seen.at) == (Field.STATUS, AT)
    assert seen.is_reopening is (kind == "case.reopened")


def test_a_desk_that_writes_with_our_account_is_known_as_us() -> None:
    comment = {"id": 12, "text": "On it.", "author": "Dana (PagerDuty)"}
    (seen,) = parse(event("case.commented", by="syncd", comment=comment), our_name="syncd").seen
    assert seen == NoteSeen("12", "On it.", Actor("Dana (PagerDuty)", is_us=True), AT)
    (theirs,) = parse(event("case.priority_changed"), our_name="syncd").seen
    assert theirs.by == Actor("Ana Lima")


def test_nobody_is_us_where_we_have_no_name() -> None:
    (seen,) = parse(event("case.priority_changed", by="")).seen
    assert not seen.by.is_us


def test_a_thin_event_names_only_the_case() -> None:
    hint = parse(b'{"type": "case.changed", "data": {"case": {"key": "D-7"}}}')
    assert (hint.is_thin, hint.ref, hint.seen) == (True, "D-7", ())


@pytest.mark.parametrize("kind", ["case.assigned", "alert.fired"])
def test_a_foreign_event_is_no_trouble(kind: str) -> None:
    hint = parse(event(kind))
    assert (hint.event_type, hint.ref, hint.seen, hint.is_thin) == (kind, "D-7", (), False)


@pytest.mark.parametrize("body", ['{"type": "x"}', '{"type": "x", "data": null}', '{"type": "x", "data": {}}'])
def test_an_event_without_a_case_has_no_record(body: str) -> None:
    assert parse(body.encode()).ref == ""


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b'{"data": {}}',
        b"[" * 100_000,
        event(["list"]),
        event("case.resolved", case=[]),
        event("case.resolved", case={"key": "D-7", "status": "sleeping"}),
        event("case.resolved", case={"key": {}, "status": "open"}),
        event("case.resolved", case={**CASE, "updated_at": "yesterday"}),
        event("case.resolved", case={**CASE, "updated_at": "2026-11-21T12:00:00"}),
        event("case.resolved", case={**CASE, "updated_at": "9999-12-31T23:59:59-05:00"}),  # Past all calendars.
        event("case.resolved", case={**CASE, "updated_at": "9999-12-31T23:59:59Z"}),  # So is that, in Tokyo.
        event("case.resolved", case={**CASE, "updated_at": "0001-01-01T00:00:00+02:00"}),
        event("case.commented"),
        event("case.commented", comment="hello"),
        event("case.commented", comment={"id": "K" * 256, "text": "hello"}),
        event("case.resolved", case={**CASE, "key": "C" * 256}),
        event("case.resolved", deep=json.loads("[" * 65 + "]" * 65)),
        event("case.resolved").replace(b'"P2"', b"9" * 5000),
        event("case.resolved").replace(b'"P2"', b"1e999"),
        event("case.resolved").replace(b'"P2"', b"NaN"),
    ],
)
def test_what_cannot_be_read_is_said_to_be_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        parse(body)


def test_what_no_database_stores_is_shown_as_such() -> None:
    (seen,) = parse(event("case.commented", comment={"id": "1", "text": "a\x00b\ud800c"})).seen
    assert isinstance(seen, NoteSeen)
    assert seen.text == "a\ufffdb\ufffdc"


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["D-7", "open", "P1"])
anything = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "data", "case", "comment", "key", "status", "updated_at", "by", "id"]), inner
        )
    ),
    max_leaves=12,
)


@given(
    st.sampled_from([*STATUS_TYPES, "case.opened", "case.commented", "case.priority_changed", "case.changed", "x"]),
    anything,
    anything,
)
def test_no_body_raises_anything_else(kind: str, case: object, comment: object) -> None:
    for body in (event(kind, case=case, comment=comment), json.dumps({"type": kind, "data": case}).encode()):
        try:
            parse(body, "syncd")
        except Unreadable:
            continue


def opened(**case: object) -> CaseOpened:
    (seen,) = parse(event("case.opened", case={**CASE, **case})).seen
    assert isinstance(seen, CaseOpened)
    return seen


def test_an_opening_says_what_rules_look_at_and_a_listed_case_the_same() -> None:
    told = {"source": "prometheus", "team": "payments", "labels": ["env:prod", "tier-1"], "service": "Payments"}
    seen = opened(**told)
    assert (seen.source, seen.team, seen.labels) == ("prometheus", "payments", ("env:prod", "tier-1"))
    assert seen.service == "Payments"
    (listed,) = parse(opening({**CASE, **told}, AT)).seen
    assert isinstance(listed, CaseOpened)
    assert (listed.source, listed.team, listed.labels) == (seen.source, seen.team, seen.labels)
    assert listed.service == seen.service


def test_the_service_of_an_opening_may_stand_beside_the_case_as_its_connector_may() -> None:
    body = event("case.opened", case={**CASE, "service": "of the case"}, service="of the event")
    (seen,) = parse(body).seen
    assert isinstance(seen, CaseOpened)
    assert seen.service == "of the event"


def test_a_desk_that_means_something_else_by_these_names_still_gets_its_incident() -> None:
    seen = opened(source={"id": 3}, team=7, labels={"env": "prod"}, service={"id": "PSVC"})
    assert (seen.source, seen.team, seen.labels, seen.service) == ("", "", (), "")
    assert opened(labels=["a", None, {"name": "b"}]).labels == ("a",)
    assert opened() == opened(source=None, team=None, labels=None)


@pytest.mark.parametrize(
    ("said", "by"),
    [
        ({"by": "Ana Lima", "by_email": "ana@example.com"}, ("Ana Lima", "ana@example.com")),
        ({"by": "Ana Lima <ana@example.com>"}, ("Ana Lima", "ana@example.com")),
        ({"by": "ana@example.com"}, ("ana@example.com", "ana@example.com")),
        ({"by": "Ana Lima", "by_email": "ana at example"}, ("Ana Lima", "")),
        ({"by": "Ana <@ana>", "by_email": "änä@example.com"}, ("Ana <@ana>", "")),
        ({"by": "syncd", "by_email": "bot@example.com"}, ("syncd", "")),  # We act for nobody.
    ],
)
def test_whose_address_it_is_stands_beside_the_name_or_in_it(said: dict[str, str], by: tuple[str, str]) -> None:
    (seen,) = parse(event("case.priority_changed", **said), our_name="syncd").seen
    assert (seen.by.name, seen.by.email) == by


def test_a_comment_has_the_address_of_its_own_author() -> None:
    comment = {"id": 12, "text": "On it.", "author": "Ben", "author_email": "ben@example.com"}
    (seen,) = parse(event("case.commented", by_email="ana@example.com", comment=comment)).seen
    assert (seen.by.name, seen.by.email) == ("Ben", "ben@example.com")
    (same,) = parse(event("case.commented", by_email="ana@example.com", comment={**comment, "author": "Ana Lima"})).seen
    assert same.by.email == "ben@example.com"
    del comment["author_email"]
    (other,) = parse(event("case.commented", by_email="ana@example.com", comment=comment)).seen
    assert other.by.email == ""
