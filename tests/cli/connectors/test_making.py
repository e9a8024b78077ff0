"""`syncd connectors add`: what is said of the priorities it matched, and what cannot be."""

from __future__ import annotations

import pytest

from syncd.simulator import Simulator
from syncd.store import integrations
from syncd.store.database import Database
from tests.cli.conftest import Syncd


def test_a_connector_is_made_and_said_how(syncd: Syncd, acme: None, pagerduty: Simulator) -> None:
    for priority_id in list(pagerduty.account.priorities)[3:]:
        del pagerduty.account.priorities[priority_id]
    made = syncd("connectors", "add", "checkout", "--integration", "acme", "--service", "Checkout")
    assert made.code == 0
    assert made.out == "P1 = P1\nP2 = P2\nP3 = P3\ncheckout opens incidents on Checkout for cases.\n"
    assert made.err == "Mind: Not mapped: P4, P5; such a priority is recorded and not sent.\n"
    (row,) = syncd("connectors", "list").json
    assert (row["name"], row["path"], row["service"], row["priorities"]) == (
        "checkout",
        "Bi-directional",
        "Checkout",
        "P1=P1 P2=P2 P3=P3",
    )


def test_on_an_account_that_is_only_read_it_is_said_that_it_opens_nothing_and_what_changes_that(
    syncd: Syncd, acme: None
) -> None:
    assert syncd("integrations", "set", "acme", "--read-only", "on").code == 0
    made = syncd("connectors", "add", "checkout", "--integration", "acme", "--service", "Checkout")
    assert made.code == 0
    assert made.out.endswith(
        "checkout is made for Checkout and cases, and opens no incident while acme is only read.\n"
    )
    assert "Mind: acme is only read, so no incident is opened by checkout until it may write" in made.err
    assert "`syncd integrations set acme --read-only off`" in made.err


def test_what_keeps_a_connector_from_sending_is_shown_with_it(syncd: Syncd, acme: None, store: Database) -> None:
    for name, service in (("checkout", "Checkout"), ("payments", "Payments")):
        syncd("connectors", "add", name, "--integration", "acme", "--service", service)
    assert [(row["state"], row["banner"]) for row in syncd("connectors", "list").json] == [("connected", "")] * 2
    assert syncd("connectors", "list", "-o", "table").out.startswith("NAME ")
    syncd("integrations", "observe", "acme", "--by", "Ana")
    assert {row["state"] for row in syncd("connectors", "list").json} == {"observed"}
    syncd("integrations", "pause", "acme", "--by", "Ana", "--why", "a move")
    assert {row["state"] for row in syncd("connectors", "list").json} == {"paused"}
    syncd("integrations", "resume", "acme", "--by", "Ana")
    with store.write() as tx:
        now = store.now(tx)
        integrations.disconnect(tx, "acme", code="PAG-100-B", reason="It was refused.", now=now, probe_at=now)
    assert {row["state"] for row in syncd("connectors", "list").json} == {"disconnected PAG-100-B"}
    banner, head, *rows = syncd("connectors", "list", "-o", "table").out.splitlines()
    assert banner == (
        "Integration acme is disconnected (PAG-100-B). Give it a credential that works: `syncd integrations rotate acme`, with "
        "`--email ADDRESS` if the user our writes are made as has left too; what is held then goes on in order."
    )
    assert (head.split()[:4], len(rows)) == (["NAME", "PATH", "INTEGRATION", "STATE"], 2)
    assert all("disconnected PAG-100-B" in row for row in rows)


def test_an_account_without_priorities_is_said(syncd: Syncd, acme: None, pagerduty: Simulator) -> None:
    pagerduty.switches.has_priorities = False
    made = syncd("connectors", "add", "checkout", "--integration", "acme", "--service", "Checkout")
    assert (made.code, made.err.count("\n")) == (0, 1)
    assert "has no priorities" in made.err


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("--integration", "acme", "--service", "Elsewhere"), 4, "it has Checkout"),
        (("--integration", "nobody", "--service", "Checkout"), 4, "no integration called nobody"),
        (("--integration", "cases", "--service", "Checkout"), 2, "not a PagerDuty account"),
        (("--integration", "acme", "--service", "Checkout", "--cases", "acme"), 2, "keeps incidents and no cases"),
        (("--integration", "acme", "--service", "Checkout", "--priority", "P9=P1"), 2, "P9=P1 is no pair"),
        (("--integration", "acme", "--service", "Checkout", "--policy", "title"), 2, "title =  is no policy"),
        (("--integration", "acme", "--service", "Checkout", "--policy", "title={{ x }}"), 2, "it uses x"),
        (("--integration", "acme"), 2, "--service"),
    ],
)
def test_a_connector_that_cannot_be_is_refused(
    syncd: Syncd, acme: None, words: tuple[str, ...], code: int, says: str
) -> None:
    ended = syncd("connectors", "add", "checkout", *words)
    assert (ended.code, ended.out) == (code, "")
    assert says in ended.err
    assert syncd("connectors", "list").json == []
