"""An account is stored when its far side has taken the credential, and not before; its secrets are sealed and told to nobody."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from syncd.connections.joining.accounts import check, rotate
from syncd.connections.joining.builtin import BUILTIN, ensure_builtin
from syncd.connections.joining.casedesk import add_casedesk
from syncd.connections.joining.pagerduty import add_pagerduty
from syncd.connections.joining.setup import Setup
from syncd.connections.vault import Vault, generate_key
from syncd.core.lifecycle import IntegrationState
from syncd.errors import Conflict, Misconfigured, NotFound, Unavailable
from syncd.outgoing import PUBLIC_ONLY
from syncd.simulator import BOT_EMAIL, KEYS, CaseDesk, Fault, Simulator, serve, simulator
from syncd.store import integrations
from syncd.store.database import Database
from syncd.store.integrations import IN_USE
from syncd.systems.pagerduty.account import KeyKind
from tests.parts.meanwhile import Meanwhile
from tests.parts.ports import free_port
from tests.parts.terms import TERMS

ANA = "ana.lima@example.com"
WRONG = "u+wrongkey0000000000"


def slugs(setup: Setup) -> list[str]:
    with setup.db.read() as tx:
        return list(integrations.all_of(tx))


def stored(setup: Setup, slug: str) -> integrations.Integration:
    with setup.db.read() as tx:
        found = integrations.get(tx, slug)
    assert found is not None
    return found


def credentials(setup: Setup, slug: str) -> dict[str, str]:
    sealed = stored(setup, slug).sealed
    assert sealed is not None
    return setup.vault.unseal(f"integration:{slug}", sealed)


def test_a_good_key_is_stored_sealed_and_the_account_described(setup: Setup, pagerduty: Simulator) -> None:
    reached = add_pagerduty(
        setup,
        "acme",
        api_key=f" \t{KEYS.full}\n",
        email=f" {BOT_EMAIL.upper()} ",
        terms=TERMS,
        where=pagerduty.account.api_url,
    )
    assert (reached.key, reached.sender, reached.services, reached.warnings) == (KeyKind.ACCOUNT, BOT_EMAIL, 2, ())
    assert (reached.host, reached.region) == ("simulated.pagerduty.com", pagerduty.account.api_url)
    assert (reached.users, reached.kind) == (len(pagerduty.account.users), "account")
    assert "teams" in reached.abilities
    kept = stored(setup, "acme")
    assert (kept.system, kept.side, kept.state) == ("pagerduty", "incident", IntegrationState.CONNECTED)
    assert kept.settings["from_user_id"] == pagerduty.people.who(BOT_EMAIL).id
    assert credentials(setup, "acme") == {"api_key": KEYS.full}
    assert KEYS.full.encode() not in (kept.sealed or b"")
    assert KEYS.full not in json.dumps(kept.settings)


@pytest.mark.parametrize(
    ("key", "email", "says"),
    [
        (WRONG, BOT_EMAIL, "answered 401"),
        (KEYS.full, "nobody@example.com", "no user with the e-mail address nobody@example.com"),
        (KEYS.full, " ", "by --email"),
        ("", BOT_EMAIL, "The API key is empty"),
        (" Token token= ", BOT_EMAIL, "The API key is empty"),
        ("0123456789abcdef0123456789abcdef", BOT_EMAIL, "as an Events integration key is"),
        ("u+simfullkey0000000ö", BOT_EMAIL, "characters that HTTP does not carry"),
    ],
)
def test_what_the_account_refuses_is_not_stored(
    setup: Setup, pagerduty: Simulator, key: str, email: str, says: str
) -> None:
    with pytest.raises(Misconfigured, match=says) as caught:
        add_pagerduty(setup, "acme", api_key=key, email=email, terms=TERMS, where=pagerduty.account.api_url)
    assert slugs(setup) == [BUILTIN]
    assert not key.strip() or key not in str(caught.value)


def test_an_events_key_is_told_apart_before_anybody_is_asked(setup: Setup, pagerduty: Simulator) -> None:
    with pytest.raises(Misconfigured, match=r"connectors add NAME --path service_key`; a REST API key has 20"):
        add_pagerduty(setup, "acme", api_key="a" * 32, email=BOT_EMAIL, terms=TERMS, where=pagerduty.account.api_url)
    assert pagerduty.journal.requests == []


def test_a_key_of_another_region_is_refused_with_a_hint(setup: Setup, pagerduty: Simulator) -> None:
    """The same service elsewhere knows none of this account's keys."""
    with simulator(seed=4) as elsewhere, serve(elsewhere.app) as url:
        elsewhere.account.keys.clear()
        with pytest.raises(Misconfigured, match="asked in the region, or at the address"):
            add_pagerduty(setup, "acme", api_key=KEYS.full, email=BOT_EMAIL, terms=TERMS, where=url)
    assert slugs(setup) == [BUILTIN]


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Fault(status=503), "answered 503 to GET /abilities"),
        (Fault(status=429), "answered 429"),
        (Fault(cut=True), "gave no whole answer"),
        (Fault(path="/services", status=500), "answered 500 to GET /services"),
    ],
)
def test_an_account_out_of_reach_is_said_so_and_not_stored(
    setup: Setup, pagerduty: Simulator, fault: Fault, says: str
) -> None:
    pagerduty.faults.lay(fault)
    with pytest.raises(Unavailable, match=says) as caught:
        add_pagerduty(setup, "acme", api_key=KEYS.full, email=BOT_EMAIL, terms=TERMS, where=pagerduty.account.api_url)
    assert "it is tried again" not in str(caught.value), "a setup is not"
    assert slugs(setup) == [BUILTIN]


def test_nobody_there_is_no_fault_of_the_key(setup: Setup) -> None:
    with pytest.raises(Unavailable, match=r"^SYN-PAG-NETWORK: .* cannot be reached "):
        add_pagerduty(
            setup, "acme", api_key=KEYS.full, email=BOT_EMAIL, terms=TERMS, where=f"http://127.0.0.1:{free_port()}"
        )
    assert slugs(setup) == [BUILTIN]


def test_an_address_that_is_not_open_is_refused_with_what_to_set_and_is_not_asked(
    setup: Setup, pagerduty: Simulator, desk: CaseDesk
) -> None:
    closed = replace(setup, outgoing=PUBLIC_ONLY)
    for add in (
        lambda: add_pagerduty(
            closed, "acme", api_key=KEYS.full, email=BOT_EMAIL, terms=TERMS, where=pagerduty.account.api_url
        ),
        lambda: add_casedesk(closed, "desk", base_url=desk.cases.url, token=desk.token),
    ):
        with pytest.raises(Misconfigured, match=r"loopback; .* set SYNCD_OUTGOING_ALLOW=127\.0\.0\.1:\d+ for every"):
            add()
    assert slugs(setup) == [BUILTIN]
    assert [*pagerduty.journal.requests, *desk.journal.requests] == []


@pytest.mark.parametrize("where", ["//moon", "ftp://x", "http://", "https://user@x"])
def test_an_address_that_is_none_is_refused(setup: Setup, where: str) -> None:
    with pytest.raises(Misconfigured, match="must be like https://host/path"):
        add_pagerduty(setup, "acme", api_key=KEYS.full, email=BOT_EMAIL, terms=TERMS, where=where)


def test_a_personal_key_and_a_stakeholder_are_stored_with_a_warning(setup: Setup, pagerduty: Simulator) -> None:
    pagerduty.people.set_role(ANA, "read_only_user")
    reached = add_pagerduty(setup, "acme", api_key=KEYS.user, email=ANA, terms=TERMS, where=pagerduty.account.api_url)
    mine, stakeholder = reached.warnings
    assert mine.startswith("This is Ana Lima's personal key")
    assert stakeholder.startswith("Ana Lima may not respond to incidents (read_only_user)")
    assert reached.key is KeyKind.USER
    assert "acme" in slugs(setup)


def test_a_key_that_may_only_read_is_refused_with_what_to_do_and_nothing_is_stored(
    setup: Setup, pagerduty: Simulator
) -> None:
    says = r"This API key may only read \(PagerDuty answered 403 .*\); make one in PagerDuty under Integrations, .* instead, or let the account only be read: --read-only\.$"
    with pytest.raises(Misconfigured, match=says):
        add_pagerduty(
            setup, "acme", api_key=KEYS.read_only, email=BOT_EMAIL, terms=TERMS, where=pagerduty.account.api_url
        )
    assert slugs(setup) == [BUILTIN]


def test_a_key_that_may_only_read_replaces_none_that_may_write(setup: Setup, acme: str, pagerduty: Simulator) -> None:
    with pytest.raises(Misconfigured, match="may only read"):
        rotate(setup, acme, KEYS.read_only)
    assert credentials(setup, acme) == {"api_key": KEYS.full}
    pagerduty.account.keys[KEYS.full].kind = "read_only"
    with pytest.raises(Misconfigured, match="may only read"):
        check(setup, acme)


def test_whether_a_key_may_write_is_asked_without_changing_anything(
    setup: Setup, acme: str, pagerduty: Simulator
) -> None:
    writes = [(one.method, one.status) for one in pagerduty.journal.requests if one.method != "GET"]
    assert writes == [("PUT", 404)]


@pytest.mark.parametrize("slug", ["", "Acme", "-acme", "a b", "a/b", "é", "a" * 64, "a\nb"])
def test_a_name_that_cannot_stand_in_an_address_is_refused(setup: Setup, pagerduty: Simulator, slug: str) -> None:
    with pytest.raises(Misconfigured, match="cannot be a name"):
        add_pagerduty(setup, slug, api_key=KEYS.full, email=BOT_EMAIL, terms=TERMS, where=pagerduty.account.api_url)
    with pytest.raises(Misconfigured, match="cannot be a name"):
        add_casedesk(setup, slug, base_url="http://127.0.0.1:9", token="t")
    assert pagerduty.journal.requests == []


@pytest.mark.parametrize("slug", ["acme", BUILTIN])
def test_a_name_is_taken_once(setup: Setup, acme: str, pagerduty: Simulator, slug: str) -> None:
    before = len(pagerduty.journal.requests)
    with pytest.raises(Conflict, match=f"an integration called {slug} already"):
        add_pagerduty(setup, slug, api_key=KEYS.full, email=BOT_EMAIL, terms=TERMS, where=pagerduty.account.api_url)
    assert len(pagerduty.journal.requests) == before


def test_a_name_taken_while_the_account_was_asked_is_still_refused(setup: Setup, pagerduty: Simulator) -> None:
    url = pagerduty.account.api_url
    other = Meanwhile(lambda: add_pagerduty(setup, "acme", api_key=KEYS.user, email=ANA, terms=TERMS, where=url))
    with pytest.raises(Conflict, match="acme already"):
        add_pagerduty(replace(setup, clock=other), "acme", api_key=KEYS.full, email=BOT_EMAIL, terms=TERMS, where=url)
    assert credentials(setup, "acme") == {"api_key": KEYS.user}


def test_a_certificate_file_is_found_from_any_folder(
    setup: Setup, pagerduty: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    add_pagerduty(
        setup,
        "acme",
        api_key=KEYS.full,
        email=BOT_EMAIL,
        terms=TERMS,
        where=pagerduty.account.api_url,
        ca_file="ca.pem",
    )
    assert stored(setup, "acme").settings["ca_file"] == str(tmp_path / "ca.pem")


# Case desks.


def test_a_case_desk_is_stored_once_its_token_is_taken(setup: Setup, desk: CaseDesk) -> None:
    add_casedesk(setup, "desk", base_url=f"{desk.cases.url}/", token=f" {desk.token} ", writes_as="bridge")
    kept = stored(setup, "desk")
    assert (kept.system, kept.side, kept.base_url) == ("casedesk", "case", desk.cases.url)
    assert kept.settings["account"] == "bridge"
    assert credentials(setup, "desk") == {"token": desk.token}


@pytest.mark.parametrize(
    ("token", "fault", "says"),
    [
        ("wrong", None, "answered 401"),
        (" ", None, "The API token is empty"),
        ("desk-demo-token", Fault(status=403), "answered 403"),
        ("desk-demo-token", Fault(status=404), "answered 404"),
    ],
)
def test_a_case_desk_that_refuses_is_not_stored(
    setup: Setup, desk: CaseDesk, token: str, fault: Fault | None, says: str
) -> None:
    if fault:
        desk.faults.lay(fault)
    with pytest.raises(Misconfigured, match=says):
        add_casedesk(setup, "desk", base_url=desk.cases.url, token=token)
    assert slugs(setup) == [BUILTIN]


# Another credential.


def test_another_key_is_checked_before_it_takes_the_place(setup: Setup, acme: str, pagerduty: Simulator) -> None:
    pagerduty.people.revoke(KEYS.full)
    with pytest.raises(Misconfigured, match="answered 401"):
        rotate(setup, acme, WRONG)
    assert credentials(setup, acme) == {"api_key": KEYS.full}
    personal, _ = rotate(setup, acme, KEYS.user)
    assert "personal key" in personal
    assert credentials(setup, acme) == {"api_key": KEYS.user}
    assert check(setup, acme)["credential"] == "accepted"


def test_a_disconnected_account_is_asked_again_at_once(setup: Setup, acme: str, pagerduty: Simulator) -> None:
    with setup.db.write() as tx:
        now = setup.db.now(tx)
        late = now.replace(year=now.year + 1)
        integrations.disconnect(tx, acme, code="PAG-100-B", reason="401", now=now, probe_at=late)
    rotate(setup, acme, KEYS.full)
    with setup.db.write() as tx:
        due = integrations.take_probe(tx, setup.db.now(tx), late)
    assert due is not None
    assert due.slug == acme


def test_our_writes_can_be_made_as_another_user(setup: Setup, acme: str, pagerduty: Simulator) -> None:
    with pytest.raises(Misconfigured, match="no user with the e-mail address nobody@"):
        rotate(setup, acme, KEYS.full, email="nobody@example.com")
    assert rotate(setup, acme, KEYS.full, email=ANA) == ()
    with setup.db.read() as tx:
        it = integrations.get(tx, acme)
    assert it is not None
    ana = pagerduty.people.who(ANA)
    assert (it.settings["from"], it.settings["from_user_id"], it.settings["ca_file"]) == (ANA, ana.id, "")
    rotate(setup, acme, KEYS.full)
    with setup.db.read() as tx:
        after = integrations.get(tx, acme)
    assert after is not None
    assert after.settings == {**it.settings, IN_USE: f"API key …{KEYS.full[-4:]}"}, (
        "another key leaves the user as it is"
    )


def test_a_case_desk_has_no_user_of_ours(setup: Setup, desk: CaseDesk) -> None:
    add_casedesk(setup, "desk", base_url=desk.cases.url, token=desk.token)
    with pytest.raises(Conflict, match="leave --email out"):
        rotate(setup, "desk", desk.token, email=ANA)


def test_a_case_desk_takes_another_token(setup: Setup, desk: CaseDesk) -> None:
    add_casedesk(setup, "desk", base_url=desk.cases.url, token=desk.token)
    with pytest.raises(Misconfigured, match="answered 401"):
        rotate(setup, "desk", "wrong")
    assert rotate(setup, "desk", f" {desk.token}\n") == ()
    with pytest.raises(Conflict, match="has no credential"):
        rotate(setup, BUILTIN, "anything")


# Tests of the account.


def test_an_account_is_asked_whether_it_still_takes_the_credential(
    setup: Setup, acme: str, pagerduty: Simulator, desk: CaseDesk
) -> None:
    add_casedesk(setup, "desk", base_url=desk.cases.url, token=desk.token)
    found = check(setup, acme)
    assert (found["credential"], found["services"], found["key"]) == ("accepted", "2", "account")
    assert check(setup, "desk") == {"credential": "accepted", "in use": "token …"}
    assert check(setup, BUILTIN) == {"credential": "none is needed"}
    pagerduty.people.revoke(KEYS.full)
    desk.switches.token_revoked = True
    for slug in (acme, "desk"):
        with pytest.raises(Misconfigured, match="answered 401"):
            check(setup, slug)
    with pytest.raises(NotFound, match="no integration called nobody"):
        check(setup, "nobody")


def test_a_from_user_that_is_gone_is_noticed(setup: Setup, acme: str, pagerduty: Simulator) -> None:
    pagerduty.people.deactivate(BOT_EMAIL)
    with pytest.raises(Misconfigured, match="no user with the e-mail address"):
        check(setup, acme)


def test_another_master_key_opens_nothing(setup: Setup, acme: str) -> None:
    with pytest.raises(Misconfigured, match=r"integration:acme was sealed with master key k\w+, and the keys here are"):
        check(replace(setup, vault=Vault(generate_key())), acme)


# The built-in cases.


def test_only_the_daemon_moves_the_built_in_cases(db: Database) -> None:
    ensure_builtin(db, "http://syncd.test")
    ensure_builtin(db, "http://127.0.0.1:8080", is_home=False)
    assert home_of_cases(db) == "http://syncd.test"
    ensure_builtin(db, "https://moved.test")
    assert home_of_cases(db) == "https://moved.test"


def test_whoever_comes_first_makes_the_built_in_cases(db: Database) -> None:
    ensure_builtin(db, "http://syncd.test", is_home=False)
    assert home_of_cases(db) == "http://syncd.test"


def test_daemons_that_start_at_once_make_the_built_in_cases_once(db: Database) -> None:
    with ThreadPoolExecutor(8) as daemons:
        started = [daemons.submit(ensure_builtin, db, "http://syncd.test") for _ in range(8)]
    assert [one.exception() for one in started] == [None] * 8
    assert home_of_cases(db) == "http://syncd.test"


def home_of_cases(db: Database) -> str:
    with db.read() as tx:
        return integrations.all_of(tx)[BUILTIN].base_url
