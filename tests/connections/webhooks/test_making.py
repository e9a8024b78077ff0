"""A source's webhook: its secret is pasted or made, sealed either way, and proves what the source sends and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from syncd.connections.joining.builtin import BUILTIN
from syncd.connections.joining.connectors import add_connector
from syncd.connections.joining.setup import Setup
from syncd.connections.open import Connections
from syncd.connections.webhooks.making import add_hook_secret, make_webhook
from syncd.errors import BadSignature, Conflict, Misconfigured, NoSecret, NotFound, Unavailable
from syncd.simulator import Simulator, signing
from syncd.simulator.casedesk import HOOK_SECRET
from syncd.simulator.faults import Fault
from syncd.simulator.ids import Ids
from syncd.store import hook_secrets, integrations, marks, reconciles
from syncd.systems.port import Hook
from tests.parts.meanwhile import Meanwhile

BODY = b'{"event": {}}'
WHOLE = "pasted-0123456789-secret"


def signed(secret: str, setup: Setup) -> Hook:
    return Hook({"x-pagerduty-signature": signing.pagerduty([secret], BODY)}, BODY, setup.clock.now())


def prove(setup: Setup, slug: str, secret: str) -> None:
    """As the door does it, from the tables alone."""
    door = Connections(setup.db, setup.vault, setup.clock).refresh(slug)
    door.system.verify(signed(secret, setup), door.secrets)


def test_a_pasted_secret_opens_the_door_and_another_does_not(setup: Setup, acme: str) -> None:
    with pytest.raises(NoSecret, match="syncd integrations webhook acme"):
        prove(setup, acme, WHOLE)
    add_hook_secret(setup, acme, f" {WHOLE}\n")
    prove(setup, acme, WHOLE)
    with pytest.raises(BadSignature):
        prove(setup, acme, "another")


def test_a_second_secret_is_good_beside_the_first(setup: Setup, acme: str) -> None:
    for secret in (WHOLE, f"{WHOLE}-2"):
        add_hook_secret(setup, acme, secret)
    for secret in (WHOLE, f"{WHOLE}-2"):
        prove(setup, acme, secret)
    with setup.db.read() as tx:
        sealed = integrations.hook_secrets_of(tx, acme)
    assert not [one for one in sealed if WHOLE.encode() in one]


def _paste(setup: Setup) -> None:
    add_hook_secret(setup, "acme", WHOLE)


def _make(setup: Setup) -> None:
    make_webhook(setup, "acme", "https://syncd.test")


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize("give", [_paste, _make])
def test_the_first_secret_of_an_account_in_use_asks_for_what_the_next_poll_would_have_looked_for(
    setup: Setup, give: Callable[[Setup], None]
) -> None:
    add_connector(setup, "checkout", integration="acme", service="Checkout", case_system=BUILTIN)
    with setup.db.read() as tx:
        mark = marks.of(tx, "acme").listed_until
    give(setup)
    assert _asked(setup) == [("subscription", mark)]
    with setup.db.write() as tx:
        taken = reconciles.take(tx, setup.db.now(tx))
        assert taken is not None
        reconciles.finish(tx, taken, setup.db.now(tx))
    _paste(setup)
    assert _asked(setup) == [("subscription", mark)], "after that its hooks tell"


def test_the_secret_of_an_account_that_nothing_uses_asks_for_nothing(setup: Setup, acme: str) -> None:
    add_hook_secret(setup, acme, WHOLE)
    assert _asked(setup) == []


def _asked(setup: Setup) -> list[tuple[str, datetime]]:
    with setup.db.read() as tx:
        return [(one["why"], one["since"]) for one in reconciles.listing(tx)]


def test_a_secret_without_a_source_or_without_words_is_refused(setup: Setup, acme: str) -> None:
    with pytest.raises(Misconfigured, match="secret is empty"):
        add_hook_secret(setup, acme, " \n")
    with pytest.raises(NotFound, match="no integration called nobody"):
        add_hook_secret(setup, "nobody", WHOLE)
    with pytest.raises(Conflict, match="needs no webhook"):
        add_hook_secret(setup, BUILTIN, WHOLE)


@pytest.mark.parametrize("length", [1, 15])
def test_a_secret_that_cannot_be_whole_is_refused_and_not_quoted(setup: Setup, acme: str, length: int) -> None:
    cut = WHOLE[:length]
    with pytest.raises(Misconfigured, match=r"shorter than 16 characters.*; paste the whole one") as refused:
        add_hook_secret(setup, acme, f"{cut}  ")
    assert length == 1 or cut not in str(refused.value)
    with setup.db.read() as tx:
        assert integrations.hook_secrets_of(tx, acme) == []
    add_hook_secret(setup, acme, WHOLE[:16])


def test_what_the_simulators_sign_with_is_taken(setup: Setup, acme: str) -> None:
    for secret in (HOOK_SECRET, Ids(1).secret(), Ids(1).standard_secret()):
        add_hook_secret(setup, acme, secret)


def test_a_made_subscription_sends_here_and_its_secret_is_sealed_at_once(
    setup: Setup, acme: str, pagerduty: Simulator
) -> None:
    made = make_webhook(setup, acme, "https://syncd.test")
    there = pagerduty.account.subscriptions[made]
    assert (there.url, there.filter_type) == ("https://syncd.test/hooks/acme", "account_reference")
    assert "incident.acknowledged" in there.events
    prove(setup, acme, there.secrets[0])


def test_a_subscription_for_one_service_is_made_by_its_name(setup: Setup, acme: str, pagerduty: Simulator) -> None:
    made = pagerduty.account.subscriptions[make_webhook(setup, acme, "https://syncd.test", service="Payments")]
    assert made.filter_id is not None
    assert pagerduty.account.services[made.filter_id].name == "Payments"
    make_webhook(setup, acme, "https://syncd.test", service="Checkout")
    with pytest.raises(NotFound, match="no service Elsewhere; it has Checkout"):
        make_webhook(setup, acme, "https://syncd.test", service="Elsewhere")


@pytest.mark.parametrize("service", ["", "Checkout"])
def test_the_same_events_are_not_asked_for_twice(setup: Setup, acme: str, pagerduty: Simulator, service: str) -> None:
    first = make_webhook(setup, acme, "https://syncd.test", service=service)
    with pytest.raises(Conflict, match=f"has subscription {first}"):
        make_webhook(setup, acme, "https://syncd.test", service="Checkout")
    with pytest.raises(Conflict, match=f"has subscription {first}"):
        make_webhook(setup, acme, "https://syncd.test")
    assert list(pagerduty.account.subscriptions) == [first]


def test_of_two_who_have_one_made_at_once_only_one_does(setup: Setup, acme: str, pagerduty: Simulator) -> None:
    made: list[str] = []

    def has_looked() -> bool:
        return any(one.target.startswith("/webhook_subscriptions") for one in pagerduty.journal.requests)

    first = Meanwhile(lambda: made.append(make_webhook(setup, acme, "https://syncd.test")), has_looked)
    with pytest.raises(
        Conflict, match="Somebody else has had a webhook of acme made just now, so this one was deleted"
    ):
        make_webhook(replace(setup, clock=first), acme, "https://syncd.test")
    assert list(pagerduty.account.subscriptions) == made
    prove(setup, acme, pagerduty.account.subscriptions[made[0]].secrets[0])


def test_what_another_keeps_meanwhile_is_not_taken_for_gone(setup: Setup, acme: str, pagerduty: Simulator) -> None:
    def has_kept() -> bool:
        with setup.db.read() as tx:
            return bool(hook_secrets.ours(tx, acme))

    other = Meanwhile(lambda: make_webhook(setup, acme, "https://syncd.test", service="Payments"), has_kept)
    make_webhook(replace(setup, clock=other), acme, "https://syncd.test", service="Checkout")
    assert len(pagerduty.account.subscriptions) == 2
    for one in pagerduty.account.subscriptions.values():
        prove(setup, acme, one.secrets[0])


def test_nothing_is_sent_before_its_secret_is_kept(setup: Setup, acme: str, pagerduty: Simulator) -> None:
    """What came before would be refused, and three refusals disable a subscription."""
    pagerduty.faults.lay(Fault(methods=("PUT",), path="/webhook_subscriptions/*", cut=True))
    with pytest.raises(Unavailable):
        make_webhook(setup, acme, "https://syncd.test")
    assert pagerduty.account.subscriptions == {}, "one that could not be switched on is taken back"
    with setup.db.read() as tx:
        assert integrations.hook_secrets_of(tx, acme) == []
    made = make_webhook(setup, acme, "https://syncd.test")
    assert pagerduty.account.subscriptions[made].active
    asked = [one.method for one in pagerduty.journal.requests if one.target.startswith("/webhook_subscriptions")]
    assert asked == ["GET", "POST", "PUT", "DELETE", "GET", "POST", "PUT"]


def test_what_changed_until_it_was_switched_on_is_looked_for(setup: Setup, acme: str, pagerduty: Simulator) -> None:
    """The look that its secret asked for may be over by then."""
    add_connector(setup, "checkout", integration="acme", service="Checkout", case_system=BUILTIN)
    add_hook_secret(setup, acme, WHOLE)
    with setup.db.write() as tx:
        taken = reconciles.take(tx, setup.db.now(tx))
        assert taken is not None
        reconciles.finish(tx, taken, setup.db.now(tx))
    made = make_webhook(setup, acme, "https://syncd.test")
    with setup.db.read() as tx:
        kept = hook_secrets.get(tx, acme, made)
    assert kept is not None
    assert ("subscription", kept.created_at) in _asked(setup)


def test_without_a_public_address_nothing_is_made(setup: Setup, acme: str, pagerduty: Simulator) -> None:
    with pytest.raises(Misconfigured, match="set SYNCD_PUBLIC_URL, or make the subscription in PagerDuty"):
        make_webhook(setup, acme, "")
    assert pagerduty.account.subscriptions == {}


def test_a_case_system_makes_no_subscription(setup: Setup) -> None:
    with pytest.raises(Conflict, match="not a PagerDuty account"):
        make_webhook(setup, BUILTIN, "https://syncd.test")


def test_a_subscription_whose_secret_is_not_told_is_taken_back(setup: Setup, acme: str, pagerduty: Simulator) -> None:
    pagerduty.switches.secret_in_create_answer = False
    with pytest.raises(Misconfigured, match="it was deleted again"):
        make_webhook(setup, acme, "https://syncd.test")
    assert pagerduty.account.subscriptions == {}


def test_a_subscription_whose_secret_cannot_be_kept_is_taken_back(
    setup: Setup, acme: str, pagerduty: Simulator
) -> None:
    with setup.db.write() as tx:
        full = "CREATE TRIGGER full BEFORE INSERT ON hook_secrets BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
        tx.execute(text(full))
    with pytest.raises(IntegrityError, match="the disk is full"):
        make_webhook(setup, acme, "https://syncd.test")
    assert pagerduty.account.subscriptions == {}
