"""Each line of `syncd doctor` about an account beside its key's rights, failing from what was really changed over there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from syncd.simulator import BOT_EMAIL, KEYS, CaseDesk, Fault, Simulator, serve
from syncd.simulator.account import Priority, Subscription
from syncd.store import connectors
from syncd.store.connectors import Connector
from syncd.store.database import Database
from tests.cli.conftest import SECRET, Syncd
from tests.cli.test_doctor_of_the_daemon import Line, is_marked

PUBLIC = "https://syncd.test"


def lines(syncd: Syncd, slug: str = "acme", *words: str) -> dict[str, Line]:
    ended = syncd("doctor", slug, *words, "-o", "json")
    assert ended.code == int(any(one["mark"] == "FAIL" for one in ended.json)), "a warning is no failure"
    return {one["check"]: one for one in ended.json}


@pytest.mark.parametrize(("ahead", "mark"), [(0.0, "ok"), (90.0, "warn"), (-90.0, "warn"), (600.0, "FAIL")])
def test_a_clock_that_differs_from_theirs(
    syncd: Syncd, acme: None, pagerduty: Simulator, ahead: float, mark: str
) -> None:
    pagerduty.switches.clock_ahead_s = ahead
    line = lines(syncd)["clock"]
    is_marked(line, mark, "" if mark == "ok" else "SYN-PAG-CLOCK", "apart")


def gone(sim: Simulator) -> None:
    sim.account.subscriptions.clear()


def changed(**fields: object) -> Callable[[Simulator], None]:
    def change(sim: Simulator) -> None:
        (one,) = sim.account.subscriptions.values()
        for name, value in fields.items():
            assert hasattr(one, name)
            setattr(one, name, value)

    return change


@pytest.fixture
def subscription(syncd: Syncd, acme: None, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch) -> Subscription:
    monkeypatch.setenv("SYNCD_PUBLIC_URL", PUBLIC)
    pagerduty.carriage.hold = True
    assert syncd("integrations", "webhook", "acme", "--create").code == 0
    (made,) = pagerduty.account.subscriptions.values()
    made.active = True
    return made


@pytest.mark.parametrize(
    "breaks",
    [
        gone,
        changed(active=False),
        changed(url="https://elsewhere.test/hooks/acme"),
        changed(events=("incident.triggered",)),
    ],
    ids=["deleted", "switched off", "elsewhere", "too few events"],
)
def test_a_subscription_that_is_not_as_it_was_made(
    syncd: Syncd, subscription: Subscription, pagerduty: Simulator, breaks: Callable[[Simulator], None]
) -> None:
    is_marked(lines(syncd)["webhook"], "ok", "", "active", "sends here")
    breaks(pagerduty)
    is_marked(lines(syncd)["webhook"], "FAIL", "SYN-HOOK-SUBSCRIPTION")


def test_services_that_a_webhook_for_a_single_one_says_nothing_of(
    syncd: Syncd, acme: None, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCD_PUBLIC_URL", PUBLIC)
    pagerduty.carriage.hold = True
    made = ("connectors", "add", "checkout", "--integration", "acme", "--service", "Checkout", "--also", "Payments")
    assert syncd(*made).code == 0
    for name in ("Checkout", "Payments"):
        assert syncd("integrations", "webhook", "acme", "--create", "--service", name).code == 0
        for one in pagerduty.account.subscriptions.values():
            one.active = True
        if name == "Checkout":
            (payments,) = (one.id for one in pagerduty.account.services.values() if one.name == "Payments")
            says = f"`syncd integrations webhook acme --create --service {payments}`"
            is_marked(lines(syncd)["webhook"], "warn", "", "Nothing is heard at once of service Payments", says)
    is_marked(lines(syncd)["webhook"], "ok", "", "active", "sends here")


def test_a_webhook_that_has_brought_nothing(syncd: Syncd, subscription: Subscription) -> None:
    is_marked(lines(syncd)["last webhook"], "warn", "SYN-HOOK-SILENT", "None has come yet")


def gone_user(sim: Simulator) -> None:
    bot = sim.people.who(BOT_EMAIL)
    del sim.account.users[bot.id]


def other_login(sim: Simulator) -> None:
    bot = sim.people.who(BOT_EMAIL)
    sim.account.users[bot.id] = replace(bot, email="robot@example.com")


@pytest.mark.parametrize(
    ("breaks", "says"),
    [
        (gone_user, "is no user of the account any more"),
        (other_login, "has another login e-mail"),
        (lambda sim: sim.people.set_role(BOT_EMAIL, "observer"), "may not respond to incidents (observer)"),
    ],
)
def test_a_sender_that_writes_cannot_be_made_as(
    syncd: Syncd, acme: None, pagerduty: Simulator, breaks: Callable[[Simulator], None], says: str
) -> None:
    breaks(pagerduty)
    is_marked(lines(syncd)["From user"], "FAIL", "SYN-PAG-SENDER", says)


def test_a_priority_that_was_deleted(syncd: Syncd, acme: None, pagerduty: Simulator) -> None:
    pagerduty.account.priorities["PX"] = Priority("PX", "P1", "")
    assert syncd("connectors", "add", "checkout", "--integration", "acme", "--service", "Checkout").code == 0
    is_marked(lines(syncd)["priorities"], "ok", "")
    (used,) = [one for one in syncd("connectors", "list").json if one["name"] == "checkout"]
    pagerduty.account.priorities.clear()
    is_marked(lines(syncd)["priorities"], "warn", "SYN-PAG-PRIORITIES", used["name"])


@pytest.fixture
def desk(syncd: Syncd, monkeypatch: pytest.MonkeyPatch) -> Iterator[CaseDesk]:
    with CaseDesk(seed=3) as made, serve(made.app) as url:
        monkeypatch.setenv(SECRET, made.token)
        assert syncd("integrations", "add", "desk", "--system", "casedesk", "--where", url).code == 0
        yield made


def test_a_case_system_that_takes_our_token_no_more(syncd: Syncd, desk: CaseDesk) -> None:
    is_marked(lines(syncd, "desk")["case system"], "ok", "", "It answers")
    desk.switches.token_revoked = True
    is_marked(lines(syncd, "desk")["case system"], "FAIL", "SYN-CASE-SYSTEM", "401")


def test_a_case_system_that_is_away(syncd: Syncd, monkeypatch: pytest.MonkeyPatch) -> None:
    with CaseDesk(seed=3) as made:
        with serve(made.app) as url:
            monkeypatch.setenv(SECRET, made.token)
            assert syncd("integrations", "add", "desk", "--system", "casedesk", "--where", url).code == 0
        is_marked(lines(syncd, "desk")["case system"], "FAIL", "SYN-CASE-SYSTEM", "cannot be reached")


def test_a_name_that_its_case_system_does_not_know(syncd: Syncd, acme: None, store: Database) -> None:
    """As another release may have stored it: today's refuses to."""
    with store.write() as tx:
        pairs = [{"case": "SEV1", "incident": "PX", "name": "P1"}]
        connectors.add(tx, Connector("old", "acme", "cases", "bidirectional", "S", "", pairs, {}), store.clock.now())
    is_marked(lines(syncd, "cases")["connector old"], "FAIL", "SYN-CASE-NAMES", "SEV1")


def test_names_that_a_case_desk_has_given_up(syncd: Syncd, acme: None, desk: CaseDesk) -> None:
    """It is asked each time, whatever it said when the connector was made."""
    made = ("connectors", "add", "checkout", "--integration", "acme", "--service", "Checkout", "--cases", "desk")
    assert syncd(*made).code == 0
    found = lines(syncd, "desk")
    is_marked(found["case names"], "ok", "", "P1, P2, P3, P4, P5")
    is_marked(found["connector checkout"], "ok", "")
    desk.cases.priorities = ("P1", "P2", "high")
    is_marked(lines(syncd, "desk")["connector checkout"], "FAIL", "SYN-CASE-NAMES", "P3, P4, P5", "has P1, P2, high.")
    desk.faults.lay(
        Fault(path="/v1/names", status=200, body={"statuses": ["open", "resolved", "done"], "priorities": ["P1"]})
    )
    says = "It has no status acknowledged, closed; it has open, resolved, done."
    is_marked(lines(syncd, "desk")["case names"], "FAIL", "SYN-CASE-NAMES", says)
    desk.switches.tells_names = False
    found = lines(syncd, "desk")
    is_marked(found["case names"], "warn", "", "It does not tell")
    assert (found["case names"]["state"], "connector checkout" in found) == ("unknown", False)


def test_a_service_key_that_its_service_has_no_more(
    syncd: Syncd, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET, KEYS.payments)
    where = ("--where", pagerduty.account.api_url)
    assert syncd("connectors", "add", "pager", "--path", "service_key", "--service-name", "Payments", *where).code == 0
    before = len(pagerduty.journal.requests)
    is_marked(lines(syncd, "pager")["service key"], "ok", "", "--write-probe")
    assert len(pagerduty.journal.requests) == before, "an event is a write"
    is_marked(lines(syncd, "pager", "--write-probe")["service key"], "ok", "", "changes nothing")
    del pagerduty.account.integration_keys[KEYS.payments]
    is_marked(lines(syncd, "pager", "--write-probe")["service key"], "FAIL", "SYN-PAG-SERVICE-KEY", "answered 400")
    assert pagerduty.account.incidents == {}
