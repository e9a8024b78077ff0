"""No address, number or key of anybody is kept, in whatever record it stands; what facts need stays."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.evidence.collecting.asking import as_asked
from syncd.evidence.collecting.courses.cleaning import LEFT_OUT, cleaned
from syncd.evidence.facts.dataset import Name
from syncd.evidence.facts.incidents import entry_of
from syncd.evidence.facts.users import User, digest
from syncd.simulator import Simulator
from syncd.store.evidence import pages
from tests.evidence.collecting.rig import Rig

ADDRESS, NUMBER = "ann.smith+ops@example.com", "+44 7700 900123"


def _digest(address: str) -> str:
    return digest(address, b"key")


_WORDS = st.sampled_from(
    [
        "description",
        "label",
        "name",
        "summary",
        "note",
        "title",
        "content",
        "details",
        "address",
        "email",
        "body",
        "any",
        "self",
    ]
)
_KINDS = st.sampled_from(
    [
        "user",
        "user_reference",
        "incident",
        "notify_log_entry",
        "annotate_log_entry",
        "phone_contact_method",
        "team",
        "service",
    ]
)
_TEXT = st.sampled_from([ADDRESS, NUMBER, f"call {NUMBER} or {ADDRESS}", f"<{ADDRESS}>", f'"{NUMBER}"', "nothing", ""])
_TREE = st.recursive(
    st.one_of(_TEXT, st.integers(), st.none(), st.booleans()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.builds(lambda kind, parts: {"type": kind, **parts}, _KINDS, st.dictionaries(_WORDS, inner, max_size=5)),
    ),
    max_leaves=25,
)


@given(_TREE)
def test_no_address_is_left_wherever_it_stands(body: object) -> None:
    kept = json.dumps(cleaned(body, _digest))
    assert ADDRESS not in kept
    assert "example.com" not in kept


@given(st.sampled_from(["description", "label", "name", "summary"]), st.sampled_from(["", "call ", "(", "a, "]))
def test_no_number_is_left_in_a_name(word: str, before: str) -> None:
    assert "7700" not in json.dumps(cleaned({"type": "team", word: f"{before}{NUMBER} now"}, _digest))


@pytest.mark.parametrize(
    "name", ["payments-20260301", "2026 Q1", "10.0.0.1", "Tier 1 (24/7)", "P1 - 12345", "Team 7", "PABCDEF1234567"]
)
def test_names_that_only_look_like_numbers_stay(name: str) -> None:
    assert cleaned({"type": "service", "name": name}, _digest)["name"] == name


def test_times_stay() -> None:
    body = {"type": "incident", "created_at": "2026-03-01T12:00:00Z", "id": "Q1"}
    assert cleaned(body, _digest) == body


def test_of_a_log_entry_it_is_left_that_somebody_wrote_and_whether_that_was_a_resolution_note() -> None:
    entry = {
        "id": "R1",
        "type": "annotate_log_entry",
        "created_at": "2026-03-01T12:00:00Z",
        "agent": {"id": "P1", "type": "user_reference", "summary": "Ann"},
        "channel": {
            "type": "note",
            "summary": "Resolution Note: Ann mended it",
            "content": "Resolution Note: Ann mended it",
        },
        "note": "Ann",
        "event_details": {"description": "secret"},
    }
    kept = cleaned(entry, _digest)
    assert kept["channel"] == {"type": "note", "content": f"Resolution Note: {LEFT_OUT}"}
    assert kept["note"] == LEFT_OUT
    assert "event_details" not in kept
    assert entry_of(kept) == entry_of(entry)
    empty = {**entry, "channel": {"type": "note", "content": "Resolution Note:  "}, "note": " "}
    assert not entry_of(cleaned(empty, _digest)).has_note
    assert entry_of(cleaned(empty, _digest)) == entry_of(empty)


def test_a_users_address_becomes_a_digest_by_which_lists_of_people_are_compared() -> None:
    kept = cleaned({"type": "user", "email": ADDRESS, "name": "Ann"}, _digest)
    assert kept == {"type": "user", "name": "Ann", "email_digest": _digest(ADDRESS.upper())}


_TOKEN = re.compile(r"[\w.+@-]{6,}")


def _secrets(sim: Simulator) -> set[str]:
    """Of everybody there, and of every service."""
    account = sim.account
    people = account.users.values()
    addresses = {one.email for one in people} | {method.address for one in people for method in one.contacts}
    keys = {one.key for service in account.services.values() for one in service.integrations}
    return {one.casefold() for one in addresses | keys if one}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_address_number_or_key_of_anybody_is_anywhere_in_the_database(rig: Rig, tmp_path: Path) -> None:
    """Of the file itself, and of each answer unpacked. Nor what people wrote of incidents."""
    rig.collect()
    found = _secrets(rig.sim)
    assert len(found) > 500
    with rig.db.read() as tx:
        numbers = [row[0] for row in tx.exec_driver_sql("SELECT id FROM evidence_collections")]
        bodies = [page.body.decode() for number in numbers for page in pages.of_collection(tx, number)]
    assert len(bodies) > 190
    files = [one.read_bytes().decode("latin-1") for one in tmp_path.glob("syncd.db*")]
    whole = "\n".join([*bodies, *files]).casefold()
    assert {one for token in _TOKEN.findall(whole) for one in (token, token.strip("+.-_"))} & found == set()
    assert "@example.com" not in whole
    written = list(rig.sim.account.incidents.values())[::40]
    assert [one.title for one in written if one.title.casefold() in whole] == []


def test_two_collections_digest_an_address_alike(rig: Rig) -> None:
    rig.collect(Name.USERS)
    first = _addresses(rig)
    rig.collect(Name.USERS)
    assert _addresses(rig) == first
    assert len(set(first.values())) == len(first) == 190


def _addresses(rig: Rig) -> dict[str, str]:
    rows: tuple[User, ...] = rig.facts().users.rows
    return {one.id: one.address for one in rows}


def test_answers_are_kept_with_their_request_time_status_and_id(rig: Rig) -> None:
    rig.collect(Name.USERS)
    with rig.db.read() as tx:
        first, second = pages.of_collection(tx, rig.last(Name.USERS).id)
    assert first.request == "GET /users?include[]=notification_rules&limit=100&offset=0&total=true"
    assert second.request == "GET /users?include[]=notification_rules&limit=100&offset=99&total=true"
    assert (first.asked_at, first.status) == (rig.now, 200)
    assert [first.request_id, second.request_id] == [one.request_id for one in rig.sim.journal.requests]
    assert len(as_asked(first).body["users"]) == 100  # type: ignore[arg-type]  # a list
