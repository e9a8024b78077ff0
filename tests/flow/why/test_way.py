"""The way to a system that runs is cut: PagerDuty's server ends, shows another certificate, or the case desk's server ends."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from syncd.connections.joining.casedesk import add_casedesk
from syncd.connections.joining.connectors import add_connector
from syncd.connections.webhooks.making import add_hook_secret
from syncd.core.why.gate import Gate
from syncd.core.why.verdict import Who
from syncd.flow import accept
from syncd.simulator import CaseDesk, serve
from syncd.simulator.casedesk import HOOK_SECRET
from syncd.systems.port import Hook
from tests.connections.site import ACME, NOON
from tests.flow.why.breakages import BEN, comment
from tests.flow.why.whole import Whole, opened
from tests.parts.tls import Certificates, issue
from tests.systems.conftest import Stage

DESK = "desk"


def port_of(stage: Stage) -> int:
    return urlsplit(stage.url).port or 0


def test_a_pagerduty_that_cannot_be_reached(database_url: str) -> None:
    stage = Stage()
    with ExitStack() as server:
        stage.url = server.enter_context(serve(stage))
        with opened(database_url, stage, NOON) as whole:
            server.close()
            comment(whole)
            said = whole.stopped(at=Gate.DELIVERED, code="SYN-PAG-NETWORK")
            assert "cannot be reached" in said.sentence
            assert (said.who, said.command) == (Who.YOU, "syncd doctor")
            with serve(stage, port=port_of(stage)):
                whole.wait(61)
                assert not whole.ask("CS-1", compare=True).verdict.stops


def test_a_certificate_of_an_authority_that_is_named_no_more(
    database_url: str, certificates: Certificates, tmp_path: Path
) -> None:
    """Somebody has put another file in its place, and the workers were started again since."""
    named, stage = tmp_path / "named.pem", Stage()
    shutil.copy(certificates.authority, named)
    with serve(stage, certificate=certificates.certificate, key=certificates.key) as stage.url:
        _find_it_untrusted(database_url, stage, named, issue(tmp_path).authority)
        gc.collect()  # Connections that are still open; the server would wait for their ends.


def _find_it_untrusted(database_url: str, stage: Stage, named: Path, other: Path) -> None:
    right = named.read_bytes()
    with opened(database_url, stage, NOON, str(named)) as whole:
        shutil.copy(other, named)
        whole.start_again()
        comment(whole)
        said = whole.stopped(at=Gate.DELIVERED, code="SYN-PAG-TLS")
        assert "is not trusted" in said.sentence
        assert said.who is Who.YOU
        named.write_bytes(right)
        whole.start_again()
        whole.wait(61)
        assert not whole.ask("CS-1", compare=True).verdict.stops


@contextmanager
def at_a_desk(whole: Whole) -> Iterator[tuple[CaseDesk, Callable[[], None]]]:
    """CASE-1 in a case desk on a server of its own, linked; and what ends that server."""
    stage = Stage()
    with CaseDesk(seed=3, clock=whole.site.clock) as desk, ExitStack() as server:
        stage.app, desk.carriage.hold, desk.hooks.url = desk.app, True, "https://syncd.test/hooks/desk"
        stage.url = server.enter_context(serve(stage))
        add_casedesk(whole.site.setup, DESK, base_url=stage.url, token=desk.token)
        add_hook_secret(whole.site.setup, DESK, HOOK_SECRET)
        add_connector(whole.site.setup, "desk-payments", integration=ACME, service="Payments", case_system=DESK)
        desk.cases.open("Checkout is slow", "Ana Lima", priority="P2")
        carry(whole, desk)
        assert not whole.ask("CASE-1").verdict.stops
        yield desk, server.close


def carry(whole: Whole, desk: CaseDesk) -> None:
    for one in desk.courier.take():
        now = whole.site.clock.now()
        headers = {name.lower(): value for name, value in desk.hooks.seal(one, now, wrongly=False).items()}
        proven = accept.prove(whole.site.connections.refresh(DESK), Hook(headers, one.body, now))
        accept.store(whole.site.db, [proven])
    whole.settle()


def test_a_case_system_that_does_not_answer(whole: Whole) -> None:
    with at_a_desk(whole) as (_, end):
        incident = whole.ask("CASE-1").incident_id
        end()
        whole.people.note(incident, "Looking", BEN)
        whole.settle()
        said = whole.stopped("CASE-1", at=Gate.DELIVERED, code="SYN-CASE-SYSTEM")
        assert (said.who, said.command) == (Who.YOU, "syncd doctor desk")


def test_a_case_system_that_takes_our_token_no_more(whole: Whole) -> None:
    with at_a_desk(whole) as (desk, _):
        incident = whole.ask("CASE-1").incident_id
        desk.api.token = "another"
        whole.people.note(incident, "Looking", BEN)
        whole.settle()
        said = whole.stopped("CASE-1", at=Gate.CONNECTED, code="PAG-100-B")
        assert said.command == "syncd integrations rotate desk"
