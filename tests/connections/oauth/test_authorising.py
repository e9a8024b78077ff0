"""An account is connected by OAuth: what comes back counts once, and nothing is stored unless it suffices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

import pytest
from sqlalchemy import select, text

from syncd.connections.joining import accounts, changing
from syncd.connections.joining.terms import Joined
from syncd.connections.oauth import authorising, connecting
from syncd.connections.oauth.wanted import Place, wanted
from syncd.core.changes import Side
from syncd.core.connection import Kind as Happened
from syncd.errors import Conflict, Misconfigured, SyncdError, Unavailable
from syncd.flow.accounts import SENDER_REFUSED, cure
from syncd.flow.orders import removing
from syncd.simulator import BOT_EMAIL, KEYS
from syncd.simulator.faults import lost_answer
from syncd.store import authorisations, connection_log, connectors, diagnoses, integrations
from syncd.store.connectors import Connector
from syncd.store.integrations import Integration
from syncd.store.tables import metadata
from syncd.systems.pagerduty.oauth import NEEDED, client_of
from tests.connections.oauth_site import ACME, SECRET, agreed, asked, begun, connect, register
from tests.connections.site import Site
from tests.parts.meanwhile import Meanwhile
from tests.parts.terms import TERMS


def stored(site: Site) -> Integration | None:
    with site.db.read() as tx:
        return integrations.get(tx, ACME)


def history(site: Site) -> list[str]:
    with site.db.read() as tx:
        return [one.kind for one in reversed(connection_log.listing(tx, ACME))]


def kept_tokens(site: Site) -> list[str]:
    return [key.secret for key in site.pagerduty.account.keys.values() if key.scopes is not None]


@pytest.mark.parametrize("kind", ["classic", "scoped"])
def test_a_person_agrees_and_the_account_is_used_as_that_person(site: Site, kind: str) -> None:
    connect(site.setup, site.pagerduty, kind)
    it = stored(site)
    assert it is not None
    assert (it.settings["auth"], it.settings["from"]) == (kind, "ana.lima@example.com")
    assert accounts.check(site.setup, ACME)["credential"] == "accepted"
    assert history(site) == [Happened.INITIATED, Happened.DELEGATED, Happened.CONNECTED]
    with site.db.read() as tx:
        (handed_out,) = [one for one in connection_log.listing(tx, ACME) if one.kind is Happened.DELEGATED]
    assert (handed_out.by, handed_out.at) == ("Ana", site.clock.now())
    assert "A link to agree by was handed out" in handed_out.detail
    assert "http" not in handed_out.detail, "whoever may read the history is not given the link"


def test_an_application_of_its_own_is_connected_at_once(site: Site) -> None:
    register(site.pagerduty, "app")
    reached = connecting.connect_application(site.setup, asked(site.setup, site.pagerduty, "app", email=BOT_EMAIL))
    assert (reached.key, reached.sender) == ("account", BOT_EMAIL)
    assert accounts.check(site.setup, ACME)["credential"] == "accepted"


def test_a_user_who_is_gone_is_replaced_by_agreeing_anew(site: Site) -> None:
    register(site.pagerduty, "app")
    connecting.connect_application(site.setup, asked(site.setup, site.pagerduty, "app", email=BOT_EMAIL))
    site.pagerduty.people.deactivate(BOT_EMAIL)
    with pytest.raises(Misconfigured, match=f"{BOT_EMAIL}; name another by `syncd integrations authorise {ACME}`"):
        accounts.check(site.setup, ACME)
    it = stored(site)
    assert it is not None
    assert f"`syncd integrations authorise {ACME}`" in cure(replace(it, code=SENDER_REFUSED))


def test_an_application_with_a_wrong_secret_stores_nothing(site: Site) -> None:
    register(site.pagerduty, "app")
    it = asked(site.setup, site.pagerduty, "app", email=BOT_EMAIL, secret="another-secret-of-acme")
    with pytest.raises(Misconfigured, match=r"invalid_client.*check the client id, its secret and its kind"):
        connecting.connect_application(site.setup, it)
    assert stored(site) is None
    assert history(site) == [Happened.INITIATED, Happened.FAILED]


def test_an_application_that_is_granted_nothing_is_told_to_check_its_account_too(site: Site) -> None:
    register(site.pagerduty, "app")
    it = replace(asked(site.setup, site.pagerduty, "app", email=BOT_EMAIL), account="us.globex")
    says = r"granted openid alone; check that globex \(--subdomain\) .* us \(--where\) .* scopes abilities\.read, .*nothing was stored"
    with pytest.raises(Misconfigured, match=says):
        connecting.connect_application(site.setup, it)
    assert stored(site) is None


def test_a_denial_is_told_in_our_own_words(site: Site) -> None:
    register(site.pagerduty)
    site.pagerduty.oauth.denies_next = True
    with pytest.raises(Misconfigured, match="denied in PagerDuty; authorise again"):
        authorising.finish(site.setup, agreed(begun(site.setup, site.pagerduty)))
    assert stored(site) is None
    assert history(site) == [Happened.INITIATED, Happened.DELEGATED, Happened.FAILED]


def test_a_replayed_code_is_refused_and_takes_back_what_it_gave(site: Site) -> None:
    register(site.pagerduty)
    one = begun(site.setup, site.pagerduty)
    came = agreed(one)
    authorising.finish(site.setup, came)
    other = agreed(begun(site.setup, site.pagerduty))
    with pytest.raises(Misconfigured, match="invalid_grant"):
        authorising.finish(site.setup, {**other, "code": came["code"]})
    assert all(site.pagerduty.account.keys[token].revoked for token in kept_tokens(site))


def test_a_code_that_is_older_than_thirty_seconds_is_refused(site: Site) -> None:
    register(site.pagerduty)
    came = agreed(begun(site.setup, site.pagerduty))
    site.clock.forward(31)
    with pytest.raises(Misconfigured, match="taken once and for 30 seconds, so authorise again"):
        authorising.finish(site.setup, came)
    assert stored(site) is None


def test_a_wrong_state_is_no_answer_and_asks_nobody(site: Site) -> None:
    register(site.pagerduty)
    came = agreed(begun(site.setup, site.pagerduty))
    for state in ("", "x" * 43, came["state"] + "x", "\ud800"):
        with pytest.raises(Misconfigured, match="no answer to an authorisation that was begun here"):
            authorising.finish(site.setup, {**came, "state": state})
    assert site.requests("/oauth/token") == []
    authorising.finish(site.setup, came)


def test_a_state_counts_once(site: Site) -> None:
    register(site.pagerduty)
    came = agreed(begun(site.setup, site.pagerduty))
    authorising.finish(site.setup, came)
    with pytest.raises(Conflict, match="answered already, or its time is over"):
        authorising.finish(site.setup, came)
    assert site.requests("/oauth/token") == ["POST"]


def test_an_authorisation_has_its_time(site: Site) -> None:
    register(site.pagerduty)
    one = begun(site.setup, site.pagerduty)
    site.clock.forward(authorising.LASTS)
    with pytest.raises(Conflict, match="its time is over"):
        authorising.finish(site.setup, agreed(one))
    begun(site.setup, site.pagerduty)
    with site.db.read() as tx:
        old = authorisations.get(tx, one.digest)
    assert old is not None
    assert old.sealed is None


def test_scopes_that_are_missing_are_named_and_nothing_is_stored(site: Site) -> None:
    register(site.pagerduty, scopes=tuple(one for one in NEEDED if one not in {"incidents.write", "users.read"}))
    with pytest.raises(Misconfigured, match=r"sync needs incidents\.write, users\.read as well.*nothing was stored"):
        authorising.finish(site.setup, agreed(begun(site.setup, site.pagerduty)))
    assert stored(site) is None


def test_a_token_that_came_with_nothing_says_so(site: Site) -> None:
    register(site.pagerduty, "classic", ("read",))
    with pytest.raises(Misconfigured, match="PagerDuty granted openid, and sync needs write"):
        authorising.finish(site.setup, agreed(begun(site.setup, site.pagerduty, "classic")))


def test_an_answer_that_is_lost_is_out_of_reach(site: Site) -> None:
    register(site.pagerduty)
    came = agreed(begun(site.setup, site.pagerduty))
    site.pagerduty.faults.lay(lost_answer("POST", "/oauth/token"))
    with pytest.raises(Unavailable, match="gave no whole answer"):
        authorising.finish(site.setup, came)
    assert stored(site) is None


def test_writes_are_made_as_whoever_agreed(site: Site) -> None:
    register(site.pagerduty)
    one = begun(site.setup, site.pagerduty, email=BOT_EMAIL)
    with pytest.raises(Misconfigured, match=f"leave --email out, or agree as {BOT_EMAIL}"):
        authorising.finish(site.setup, agreed(one))
    site.pagerduty.oauth.person = BOT_EMAIL
    again = begun(site.setup, site.pagerduty, email=BOT_EMAIL)
    assert authorising.finish(site.setup, agreed(again)).sender == BOT_EMAIL


def test_an_account_with_a_key_is_connected_anew_and_back(site: Site) -> None:
    site.connect()
    connect(site.setup, site.pagerduty)
    it = stored(site)
    assert it is not None
    assert it.settings["auth"] == "scoped"
    assert history(site)[-4:-2] == [Happened.REINITIATED, Happened.DELEGATED]
    assert history(site)[-2:] == [Happened.UPDATED, Happened.CONNECTED], "writes go out in another name"
    accounts.rotate(site.setup, ACME, KEYS.full, email=BOT_EMAIL)
    it = stored(site)
    assert it is not None
    assert (it.settings.get("auth"), it.settings["from"]) == ("", BOT_EMAIL)
    assert accounts.check(site.setup, ACME)["credential"] == "accepted"


def test_nothing_is_begun_before_somebody_has_consented(site: Site) -> None:
    with pytest.raises(Misconfigured, match="Say so by --consent"):
        asked(site.setup, site.pagerduty, is_agreed="no")
    connect(site.setup, site.pagerduty)
    it = stored(site)
    assert it is not None
    assert (it.consented_by, it.is_two_way, it.account_host) == (TERMS.by, True, "simulated.pagerduty.com")
    with site.db.read() as tx:
        assert diagnoses.known(tx)[ACME] <= site.db.now(tx), "what its token may do is asked at once"
    asked(site.setup, site.pagerduty, is_agreed="no")  # It has been agreed upon.


def test_an_account_that_was_removed_meanwhile_is_not_connected_on_terms_that_nobody_has_agreed_to(site: Site) -> None:
    connect(site.setup, site.pagerduty)
    came = agreed(begun(site.setup, site.pagerduty))
    other = replace(site.setup, clock=Meanwhile(lambda: removing.remove(site.setup, ACME, by="Ana")))
    with pytest.raises(Conflict, match=r"acme was removed meanwhile, and nobody has consented .* begin again"):
        authorising.finish(other, came)
    assert stored(site) is None
    assert history(site)[-1] == Happened.FAILED


def connect_a_case_desk(site: Site) -> None:
    site.setup.store(
        ACME,
        system="casedesk",
        side=Side.CASE,
        base_url="https://desk.example.com",
        settings={},
        credentials={"token": "token-of-the-desk-0000"},
        joined=Joined("Ben"),
    )


def test_tokens_are_not_given_to_a_case_desk_that_took_the_name_meanwhile(site: Site) -> None:
    register(site.pagerduty)
    came = agreed(begun(site.setup, site.pagerduty))
    connect_a_case_desk(site)
    before = stored(site)
    with pytest.raises(Conflict, match=r"acme is no PagerDuty account: meanwhile a case system .* by another name"):
        authorising.finish(site.setup, came)
    assert stored(site) == before
    assert history(site) == [Happened.INITIATED, Happened.DELEGATED, Happened.CONNECTED, Happened.FAILED]


def test_nor_to_one_that_was_made_anew_while_they_were_tried(site: Site) -> None:
    connect(site.setup, site.pagerduty)
    came = agreed(begun(site.setup, site.pagerduty))

    def made_anew() -> None:
        removing.remove(site.setup, ACME, by="Ana")
        connect_a_case_desk(site)

    with pytest.raises(Conflict, match="acme is no PagerDuty account"):
        authorising.finish(replace(site.setup, clock=Meanwhile(made_anew)), came)
    it = stored(site)
    assert it is not None
    assert site.setup.credentials(it) == {"token": "token-of-the-desk-0000"}


def test_tokens_are_not_given_to_an_address_they_were_not_meant_for(site: Site) -> None:
    """It was moved between the two halves (`integrations set --where`)."""
    site.connect()
    register(site.pagerduty)
    came = agreed(begun(site.setup, site.pagerduty))
    elsewhere = site.pagerduty.account.api_url.replace("127.0.0.1", "localhost")
    changing.move(site.setup, ACME, elsewhere, KEYS.full, by="Ben")
    before = stored(site)
    with pytest.raises(
        Conflict, match=r"acme is asked at .* by now, and this was begun for .*begin again: `syncd integ"
    ):
        authorising.finish(site.setup, came)
    assert stored(site) == before
    assert history(site)[-1] == Happened.FAILED


def test_another_account_does_not_take_a_connected_ones_place(site: Site) -> None:
    connect(site.setup, site.pagerduty)
    before = stored(site)
    with site.db.write() as tx:
        tx.execute(text("UPDATE integrations SET account_host = 'other.pagerduty.com' WHERE slug = 'acme'"))
    with pytest.raises(Misconfigured, match=r"acme is connected to other\.pagerduty\.com.*signed in at simulated"):
        authorising.finish(site.setup, agreed(begun(site.setup, site.pagerduty)))
    after = stored(site)
    assert before is not None
    assert after is not None
    assert after.sealed == before.sealed


@pytest.mark.parametrize(
    ("place", "says"),
    [
        (lambda: {"kind": "odd"}, "--kind odd is no kind of application"),
        (lambda: {"secret": " "}, "no client id or no secret"),
    ],
    ids=["kind", "secret"],
)
def test_what_cannot_be_is_refused_before_anybody_is_asked(
    site: Site, place: Callable[[], dict[str, str]], says: str
) -> None:
    with pytest.raises(Misconfigured, match=says):
        begun(site.setup, site.pagerduty, **place())


def test_the_built_in_cases_have_nothing_to_agree_to(site: Site) -> None:
    with pytest.raises(Conflict, match="cases is not a PagerDuty account"):
        wanted(site.setup, "cases", client_of("scoped", "C1", SECRET), Place())


def test_secrets_stand_in_no_row(site: Site) -> None:
    register(site.pagerduty)
    came = agreed(begun(site.setup, site.pagerduty))
    with pytest.raises(SyncdError):
        authorising.finish(site.setup, {**came, "code": "hunter2hunter2"})
    connect(site.setup, site.pagerduty)
    secrets = [SECRET, came["code"], came["state"], *kept_tokens(site), *site.pagerduty.oauth.refreshes]
    assert len(secrets) == 5
    with site.db.read() as tx:
        found = [str(one) for table in metadata.sorted_tables for row in tx.execute(select(table)) for one in row]
    assert len(found) > 40
    assert [one for one in found if any(secret in one for secret in secrets)] == []


@pytest.mark.parametrize("kind", ["classic", "scoped"])
def test_whoever_agrees_again_changes_nothing_that_was_set(site: Site, kind: str) -> None:
    """A scope that is insufficient is mended by agreeing once more: connectors, evidence and ways of syncing stay."""
    connect(site.setup, site.pagerduty, kind)
    with site.db.write() as tx:
        there = integrations.get(tx, ACME)
        assert there is not None
        integrations.configure(tx, ACME, {**there.settings, "evidence": True, "a setting of later": "stays"})
        now = site.db.now(tx)
        connectors.add(tx, Connector("payments", ACME, "cases", "bidirectional", "PSVC", "Payments", [], {}), now)
        integrations.sync_ways(tx, ACME, one_way_since=now, two_way_since=None)
    before = stored(site)
    site.clock.forward(3600)
    authorising.finish(site.setup, agreed(begun(site.setup, site.pagerduty, kind)))
    after = stored(site)
    assert before is not None
    assert after is not None
    assert after.sealed != before.sealed
    moved = {"sealed", "since", "probe_at"}
    changed = {field.name for field in fields(Integration) if getattr(after, field.name) != getattr(before, field.name)}
    assert changed <= moved
    with site.db.read() as tx:
        assert list(connectors.all_of(tx)) == ["payments"]
