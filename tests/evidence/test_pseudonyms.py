"""Pseudonyms: no name of anybody is in a bundle, the same person is the same everywhere, and what means no person stays."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from syncd.clock import Clock
from syncd.connections.vault import Vault, generate_key
from syncd.evidence.bundle.keys import pseudonym_key
from syncd.evidence.bundle.layout import SIGNATURE
from syncd.evidence.bundle.making import Maker
from syncd.evidence.collecting.digests import digest_of
from syncd.evidence.facts.account import Facts
from syncd.evidence.facts.dataset import Name
from syncd.evidence.facts.users import digest
from syncd.evidence.findings.judging import findings
from syncd.evidence.pseudonyms import Pseudonyms, masked, people_in
from syncd.store.database import Database
from syncd.store.evidence import acceptances
from syncd.store.evidence.acceptances import Wanted
from tests.evidence.account import GOOD, NOW, RULES, dataset, facts, schedule, service, user
from tests.evidence.bundle.sealed import contents, maker
from tests.evidence.held import Held, pages, question

KEY = b"key"
ANN = Pseudonyms(KEY, {"U1": "Ann Lee", "U2": "José Ortega y Gasset", "U3": "🙂"})
ANNS = ANN.of("U1")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Acknowledged by Ann Lee.", f"Acknowledged by {ANNS}."),
        ("ANN LEE, ann  lee, Ann-Lee, ann.lee", f"{ANNS}, {ANNS}, {ANNS}, {ANNS}"),
        ("#AnnLee, annlee@here, JoséOrtegayGasset", f"#{ANNS}, {ANNS}@here, {ANN.of('U2')}"),
        ("alee, A. Lee and annleeds", "alee, A. Lee and annleeds"),
        ("Annabel Lee and Ann Leeds", "Annabel Lee and Ann Leeds"),
        ("Ann was called", "Ann was called"),
        ("José Ortega y Gasset", ANN.of("U2")),
        ("JOSE\u0301 ORTEGA Y GASSET", ANN.of("U2")),
        ("ANN\u030c LEE", "AN\u0147 LEE"),
        ("by 🙂", f"by {ANN.of('U3')}"),
        ("", ""),
    ],
)
def test_a_name_is_known_however_it_is_written(said: str, told: str) -> None:
    assert ANN.text(said) == told


def test_the_same_person_has_the_same_pseudonym_and_another_key_another() -> None:
    assert ANN.of("U1") == Pseudonyms(KEY, {}).of("U1") != Pseudonyms(b"other", {}).of("U1")
    assert ANN.of("U1") != ANN.of("U2")


def test_a_page_keeps_its_shape_its_ids_and_the_words_of_pagerduty() -> None:
    names = Pseudonyms(KEY, {"U1": "Service", "U2": "Resolved"})
    body = {
        "id": "I1",
        "type": "incident",
        "status": "resolved",
        "title": "Service is down",
        "assignee": {"type": "user_reference", "id": "U1", "summary": "Service"},
    }
    told = json.loads(names.page(json.dumps(body).encode()))
    assert (told["type"], told["status"], told["title"]) == ("incident", "resolved", f"{names.of('U1')} is down")
    assert told["assignee"] == {"type": "user_reference", "id": "U1", "summary": names.of("U1")}


def test_what_a_person_says_of_themselves_goes_with_the_name() -> None:
    told = json.loads(
        ANN.page(
            b'{"type": "user", "id": "U9", "name": "Zoe", "email": "z@example.com", "job_title": "Head", "role": "admin"}'
        )
    )
    assert told == {"type": "user", "id": "U9", "name": ANN.of("U9"), "email": None, "job_title": None, "role": "admin"}


def test_people_whom_only_a_page_names_are_found_there() -> None:
    found = {who for page in pages() for who in people_in(page.body)}
    assert ("UGONE", "Gone Person") in found
    assert list(people_in(b"no json")) == []


def test_a_page_that_cannot_be_read_tells_nothing() -> None:
    assert ANN.page(b"Ann Lee") == b"null"


def test_findings_are_the_same_and_their_names_are_not() -> None:
    named = facts(
        dataset(Name.SERVICES, service(name="Name of U1's service", policy="")),
        dataset(Name.SCHEDULES, schedule(name="Rota of Name of U2", teams=frozenset())),
    )
    names = Pseudonyms(KEY, {one.id: one.name for one in named.users.rows})
    plain, hidden = (findings(one, RULES, NOW) for one in (named, masked(named, names)))
    assert [(one.check, one.result, [each.subject for each in one.wrong]) for one in plain] == [
        (one.check, one.result, [each.subject for each in one.wrong]) for one in hidden
    ]
    assert "Name of" in str(plain)
    assert "Name of" not in str(hidden)


_ESCAPED = re.compile(r"\\u([0-9a-f]{4})")
_WORDS = st.text(st.characters(categories=["Lu", "Ll"], max_codepoint=0x24F), min_size=2, max_size=9)
_NAMES = st.tuples(_WORDS, _WORDS).map(" ".join)


@example(names=["AA A\u01f0"])
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(_NAMES, min_size=1, max_size=5, unique_by=str.casefold))
def test_no_name_of_anybody_is_anywhere_in_a_bundle(
    names: list[str], migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """In no file of it, in whichever case, nor of those who asked, accepted or have left."""
    folder = tmp_path_factory.mktemp("bundle")
    (folder / "syncd.db").write_bytes(migrated_file.read_bytes())
    db = Database(f"sqlite:///{folder / 'syncd.db'}", Clock())
    made = maker(db, Held(named(names), pages(named(names))))
    made.make(question(asked_by=names[0]), folder / "acme.zip", hides_names=True)
    db.close()
    for content in (content for file, content in contents(folder / "acme.zip").items() if file != SIGNATURE):
        # As it is, as JSON spells it, and as JSON in JSON does.
        once = _ESCAPED.sub(lambda one: chr(int(one[1], 16)), content.decode())
        twice = _ESCAPED.sub(lambda one: chr(int(one[1], 16)), once.replace("\\\\", "\\"))
        for name in [*names, "Gone Person"]:
            assert name.casefold() not in content.decode().casefold()
            assert name.casefold() not in once.casefold()
            assert name.casefold() not in twice.casefold()


def named(names: list[str]) -> Facts:
    users = [user(f"U{at}", name=name) for at, name in enumerate(names, 1)]
    rest = [user(f"U{at}", name=f"Somebody{at} Else") for at in range(len(names) + 1, 6)]
    return facts(
        dataset(Name.USERS, *users, *rest),
        dataset(Name.SERVICES, service(name=f"{names[0]}'s service", policy="")),
        dataset(Name.SCHEDULES, schedule(name=f"Rota: {names[-1].upper()}", teams=frozenset())),
        of=GOOD,
    )


def test_without_the_switch_names_are_there(db: Database, tmp_path: Path) -> None:
    make = maker(db)
    make.make(question(), tmp_path / "1.zip")
    make.make(question(), tmp_path / "2.zip", hides_names=True)
    plain, hidden = (b"".join(contents(tmp_path / f"{at}.zip").values()) for at in (1, 2))
    assert b"Name of U1" in plain
    assert b"Ana Auditor" in plain
    assert b"Name of U1" not in hidden
    assert b"Ana Auditor" not in hidden
    with_gone = Pseudonyms(pseudonym_key(db, make.vault), {})
    assert with_gone.of("UGONE").encode() in hidden
    assert with_gone.of("U1").encode() in hidden


@pytest.mark.parametrize(
    "said",
    ["Ann Lee", "ANN LEE", " ann  lee ", "ann.lee", "ann@example.com", "ANN@Example.com", "A. Lee <ann@example.com>"],
)
def test_whoever_asks_is_the_same_person_as_among_users(said: str) -> None:
    address = digest("ann@example.com", KEY)
    names = Pseudonyms(KEY, {"U1": "Ann Lee"}, lambda mail: "U1" if digest(mail, KEY) == address else "")
    assert names.of(names.whose(said)) == ANNS


def test_who_is_no_user_is_the_same_however_it_is_written_and_somebody_else_is_not() -> None:
    one, *others = (
        ANN.whose(said) for said in ("Zoe Ray", "zoe ray", " ZOE  RAY", "zoe_ray", "Zoe Ray <z@example.com>")
    )
    assert set(others) == {one}
    assert len({one, ANN.whose("Zoe Roy"), ANN.whose("z@example.com"), ANN.whose("🙂"), ANN.whose("☹")}) == 5


def _lived_with(db: Database, by: str, why: str) -> None:
    with db.write() as tx:
        wanted = Wanted("SVC-05", by, NOW + timedelta(days=9), why, "S1")
        acceptances.add(tx, "acme", wanted, NOW - timedelta(days=1))


def test_reasons_tell_neither_addresses_nor_numbers_nor_people(db: Database, tmp_path: Path) -> None:
    _lived_with(
        db, "Zoe Ray", "Zoe Ray (zoe@acme.test, +49 171 2345678) agreed with NAME OF U2; ask name.of.u1@acme.test"
    )
    without = facts(dataset(Name.SERVICES, service(acknowledgement_s=0), service("S2")))
    make = maker(db, Held(without, pages(without)))
    make.make(question(asked_by="name of U3"), tmp_path / "1.zip", hides_names=True)
    found = contents(tmp_path / "1.zip")
    report = json.loads(found["report.json"])
    names = Pseudonyms(pseudonym_key(db, make.vault), {})
    zoe = report["acceptances"][0]["by"]
    told = f"{zoe} ([left out], [left out]) agreed with {names.of('U2')}; ask [left out]"
    assert report["acceptances"][0]["why"] == told
    (exception,) = [one for one in report["exceptions"] if one["state"] == "accepted"]
    assert (exception["accepted_by"], exception["accepted_why"]) == (zoe, told)
    assert report["asked_by"] == names.of("U3")
    everything = b"".join(found.values()).lower()
    assert [one for one in (b"acme.test", b"2345678", b"zoe", b"name of u2") if one in everything] == []


def test_an_asker_is_known_by_the_address_that_they_sign_in_with(db: Database, tmp_path: Path) -> None:
    vault = maker(db).vault
    mine = digest_of(db, vault)("ann@example.com")
    known = facts(dataset(Name.USERS, user("U1", address=mine), *(user(f"U{at}") for at in range(2, 6))))
    Maker(db, vault, Held(known)).make(question(asked_by="Ann@Example.com"), tmp_path / "1.zip", hides_names=True)
    report = json.loads(contents(tmp_path / "1.zip")["report.json"])
    assert report["asked_by"] == Pseudonyms(pseudonym_key(db, vault), {}).of("U1")


def test_the_key_of_pseudonyms_is_for_good(db: Database) -> None:
    vault = Vault(generate_key())
    assert pseudonym_key(db, vault) == pseudonym_key(db, vault)
    assert replace(GOOD) == GOOD
