"""An account's OAuth token is renewed in time and once; what cannot be renewed any more ends in one clear state."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text
from starlette.concurrency import run_in_threadpool
from starlette.types import Message, Receive, Scope, Send

from syncd import errors
from syncd.connections import tokens
from syncd.connections.grant import Grant, grant_of
from syncd.connections.oauth import connecting
from syncd.connections.open import Connections
from syncd.errors import GrantRefused, Unauthorised, Unreachable
from syncd.simulator import BOT_EMAIL
from syncd.simulator.faults import Fault, lost_answer
from syncd.store import connection_log, integrations
from syncd.store.integrations import Integration
from syncd.store.tables_of_accounts import integrations as accounts_table
from syncd.systems.port import System
from syncd.systems.trip import Trip
from tests.connections.oauth_site import ACME, asked, connect, register
from tests.connections.site import Site
from tests.parts.loopback import LOOPBACK
from tests.systems.conftest import Stage

DAY = timedelta(days=1)
SOON = timedelta(minutes=9)  # before its end: time to renew it


class Bench:
    """One account, and any number of processes that use it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        connect(site.setup, site.pagerduty)
        site.pagerduty.journal.clear()

    def process(self) -> Connections:
        return Connections(self.site.db, self.site.setup.vault, self.site.clock, outgoing=LOOPBACK)

    def account(self) -> Integration:
        with self.site.db.read() as tx:
            found = integrations.get(tx, ACME)
        assert found is not None
        return found

    def grant(self) -> Grant:
        found = grant_of(self.site.setup.credentials(self.account()))
        assert found is not None
        return found

    def system(self, process: Connections) -> System:
        return process.system(self.account())

    def check(self, process: Connections) -> None:
        self.system(process).check(self.trip())

    def trip(self) -> Trip:
        return Trip.begin("t", self.site.clock.monotonic)

    def renewals(self) -> int:
        return len(self.site.requests("/oauth/token"))


@pytest.fixture
def bench(site: Site) -> Bench:
    return Bench(site)


def test_a_token_is_renewed_a_little_before_its_end(bench: Bench) -> None:
    process, first = bench.process(), bench.grant()
    bench.check(process)
    bench.site.clock.forward(DAY - timedelta(minutes=11))
    bench.check(process)
    assert bench.renewals() == 0
    bench.site.clock.forward(timedelta(minutes=2))
    bench.check(process)
    bench.check(process)
    assert bench.renewals() == 1
    second = bench.grant()
    assert second.access != first.access
    assert second.refresh != first.refresh
    assert second.expires_at == bench.site.clock.now() + DAY


def test_a_renewed_token_builds_no_client_anew_and_another_process_sees_it(bench: Bench) -> None:
    one, other = bench.process(), bench.process()
    kept = bench.system(one), bench.system(other)
    bench.check(other)
    bench.site.clock.forward(DAY - SOON)
    bench.check(one)
    bench.check(other)
    assert (bench.system(one), bench.system(other)) == kept
    assert bench.renewals() == 1
    connect(bench.site.setup, bench.site.pagerduty)
    assert bench.renewals() == 2  # the code
    bench.site.pagerduty.journal.clear()
    bench.check(one)
    assert bench.renewals() == 0


def test_an_agreement_made_anew_is_used_at_once(bench: Bench) -> None:
    process, old = bench.process(), bench.grant()
    bench.check(process)
    connect(bench.site.setup, bench.site.pagerduty)
    bench.site.pagerduty.oauth.revoke(old.refresh)
    bench.check(process)


def test_threads_and_processes_that_ask_at_once_renew_it_once(bench: Bench) -> None:
    processes = [bench.process() for _ in range(3)]
    systems = [bench.system(one) for one in processes for _ in range(4)]
    bench.site.clock.forward(DAY + timedelta(hours=1))
    bench.site.pagerduty.faults.lay(Fault(path="/oauth/token", delay_s=0.3))
    start, failed = threading.Barrier(len(systems)), []

    def ask(system: System) -> None:
        start.wait()
        try:
            system.check(bench.trip())
        except errors.SyncdError as error:
            failed.append(error)

    threads = [threading.Thread(target=ask, args=(one,)) for one in systems]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failed == []
    assert bench.renewals() == 1


def test_a_revoked_access_token_is_replaced_once_and_found_by_others(bench: Bench) -> None:
    systems = [bench.system(bench.process()) for _ in range(2)]
    bench.site.clock.forward(timedelta(minutes=11))
    bench.site.pagerduty.oauth.revoke(bench.grant().access)
    for system in systems:
        with pytest.raises(Unauthorised):
            system.check(bench.trip())
        system.check(bench.trip())
    assert bench.renewals() == 1


def test_a_new_token_that_is_refused_as_well_is_not_replaced_again_and_again(bench: Bench) -> None:
    process = bench.process()
    bench.site.clock.forward(timedelta(minutes=11))
    bench.site.pagerduty.faults.lay(Fault(path="/abilities", status=401, count=0))
    for _ in range(6):
        with pytest.raises(Unauthorised):
            bench.check(process)
    assert bench.renewals() == 1


def test_a_revoked_refresh_token_is_asked_with_once_and_then_somebody_has_to_agree(bench: Bench) -> None:
    process = bench.process()
    bench.check(process)
    bench.site.clock.forward(DAY + timedelta(minutes=1))
    bench.site.pagerduty.oauth.revoke(bench.grant().refresh)
    for who in (process, process, bench.process()):
        with pytest.raises(GrantRefused, match="somebody has to agree again: `syncd integrations authorise acme`"):
            bench.check(who)
    assert bench.renewals() == 1
    assert bench.grant().refresh == ""
    connect(bench.site.setup, bench.site.pagerduty)
    bench.check(process)


class Meanwhile:
    """Something happens after PagerDuty has decided on a token, and before its answer is there."""

    def __init__(self, stage: Stage, act: Callable[[], object]) -> None:
        assert stage.app is not None
        self._app, self._acts = stage.app, [act]
        stage.app = self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def held(message: Message) -> None:
            if self._acts and scope["path"] == "/oauth/token":
                await run_in_threadpool(self._acts.pop())
            await send(message)

        await self._app(scope, receive, held)


@pytest.mark.parametrize(
    "fault", [None, Fault(path="/oauth/token", status=401), Fault(path="/oauth/token", status=503)]
)
def test_what_is_refused_while_somebody_agrees_anew_is_said_of_nobody(
    bench: Bench, pagerduty_stage: Stage, fault: Fault | None
) -> None:
    process, site = bench.process(), bench.site
    bench.check(process)
    site.clock.forward(DAY + timedelta(minutes=1))
    if fault is None:
        site.pagerduty.oauth.revoke(bench.grant().refresh)
    else:
        site.pagerduty.faults.lay(fault)
    Meanwhile(pagerduty_stage, lambda: connect(site.setup, site.pagerduty))
    bench.check(process)
    with site.db.read() as tx:
        newest = connection_log.listing(tx, ACME)[0]
    assert (newest.kind, newest.code) == ("connected", "")
    assert bench.grant().refresh != ""
    assert process.tokens.of(ACME).token(bench.trip()) == bench.grant().access


def test_while_the_old_token_still_works_a_lost_refresh_token_stops_nothing(bench: Bench) -> None:
    process = bench.process()
    bench.site.pagerduty.switches.used_refresh = "refuse"
    bench.site.clock.forward(DAY - SOON)
    bench.site.pagerduty.faults.lay(lost_answer("POST", "/oauth/token"))
    bench.check(process)
    bench.site.clock.forward(tokens.RESTS + 1)
    for _ in range(3):
        bench.check(process)
    assert bench.renewals() == 2
    bench.site.clock.forward(SOON)
    with pytest.raises(GrantRefused):
        bench.check(process)
    assert bench.renewals() == 2


def test_a_lost_answer_is_asked_for_again_where_that_is_let(bench: Bench) -> None:
    process = bench.process()
    bench.site.pagerduty.switches.used_refresh = "accept"
    bench.site.clock.forward(DAY + timedelta(minutes=1))
    bench.site.pagerduty.faults.lay(lost_answer("POST", "/oauth/token"))
    for _ in range(2):
        with pytest.raises(Unreachable, match=r"could not be renewed.*tried again"):
            bench.check(process)
    assert bench.renewals() == 1
    bench.site.clock.forward(tokens.RESTS + 1)
    bench.check(process)
    assert bench.renewals() == 2


def test_a_sign_in_that_is_away_stops_nothing_while_the_token_lasts(bench: Bench) -> None:
    process = bench.process()
    bench.site.clock.forward(DAY - SOON)
    bench.site.pagerduty.faults.lay(Fault(path="/oauth/token", status=503, count=0))
    for _ in range(3):
        bench.check(process)
    assert bench.renewals() == 1
    bench.site.clock.forward(SOON)
    with pytest.raises(Unreachable, match="could not be renewed"):
        bench.check(process)


def test_a_process_that_died_while_it_renewed_holds_nobody_up_for_long(bench: Bench) -> None:
    with bench.site.db.write() as tx:
        held = bench.site.clock.now() + DAY + tokens.LEASE
        tx.execute(accounts_table.update().values(refreshing_until=held))
    process = bench.process()
    process.tokens._rest = lambda _: None
    bench.site.clock.forward(DAY)
    with pytest.raises(Unreachable, match="renewed by another process"):
        bench.check(process)
    bench.site.clock.forward(tokens.LEASE)
    bench.check(process)
    assert bench.renewals() == 1


def test_whoever_waits_for_another_process_takes_what_that_has_renewed(bench: Bench) -> None:
    slow, other = bench.process(), bench.process()
    bench.site.clock.forward(DAY)
    with bench.site.db.write() as tx:
        tx.execute(accounts_table.update().values(refreshing_until=bench.site.clock.now() + tokens.LEASE))

    def meanwhile(_: float) -> None:
        with bench.site.db.write() as tx:
            tx.execute(text("UPDATE integrations SET refreshing_until = NULL"))
        bench.check(other)

    slow.tokens._rest = meanwhile
    bench.check(slow)
    assert bench.renewals() == 1


def test_an_application_asks_for_another_token_with_its_secret(site: Site) -> None:
    register(site.pagerduty, "app")
    connecting.connect_application(site.setup, asked(site.setup, site.pagerduty, "app", email=BOT_EMAIL))
    with site.db.read() as tx:
        account = integrations.get(tx, ACME)
    assert account is not None
    process = Connections(site.db, site.setup.vault, site.clock, outgoing=LOOPBACK)
    site.clock.forward(DAY)
    process.system(account).check(Trip.begin("t", site.clock.monotonic))
    assert len(site.requests("/oauth/token")) == 2


def test_whoever_quotes_a_renewed_token_is_not_kept(bench: Bench) -> None:
    process = bench.process()
    bench.site.clock.forward(DAY)
    bench.check(process)
    new = bench.grant()
    told = process.hide({"answer": f"{new.access} {new.refresh} {new.client.secret} scoped C1"})
    assert told == {"answer": "[redacted] [redacted] [redacted] scoped C1"}
