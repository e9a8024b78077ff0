"""What lies between us and the account is told apart from what is wrong with its key, while it is connected and afterwards."""

from __future__ import annotations

import pytest

from syncd.core.diagnostics import CATALOGUE
from syncd.simulator import BOT_EMAIL, KEYS, Fault, Simulator, serve
from tests.cli.conftest import SECRET, Ended, Syncd
from tests.parts.ports import free_port
from tests.parts.terms import FLAGS
from tests.parts.tls import Certificates


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECRET, KEYS.full)


def add(syncd: Syncd, where: str) -> Ended:
    return syncd("integrations", "add", "acme", "--email", BOT_EMAIL, "--where", where, *FLAGS)


def is_told(ended: Ended, code: str) -> None:
    entry = CATALOGUE[code]
    assert ended.err.startswith(f"syncd: {code}: {entry.cause.rstrip('.')}"), ended.err
    assert ended.err.endswith(f" {entry.cured('acme')}\n")


def test_an_address_where_nobody_listens(syncd: Syncd) -> None:
    ended = add(syncd, f"http://127.0.0.1:{free_port()}")
    is_told(ended, "SYN-PAG-NETWORK")
    assert ended.code == 3


def test_an_address_of_something_else(syncd: Syncd, pagerduty: Simulator) -> None:
    ended = add(syncd, f"{pagerduty.account.api_url}/proxy")
    is_told(ended, "SYN-PAG-ADDRESS")
    assert ended.code == 2


def test_a_certificate_of_an_authority_nobody_knows(
    syncd: Syncd, pagerduty: Simulator, certificates: Certificates
) -> None:
    with serve(pagerduty.app, certificate=certificates.certificate, key=certificates.key) as url:
        ended = add(syncd, url)
        is_told(ended, "SYN-PAG-TLS")
        assert ended.code == 3
        pagerduty.account.api_url = url
        where = ("--where", url, "--ca-file", str(certificates.authority))
        assert syncd("integrations", "add", "acme", "--email", BOT_EMAIL, *where, *FLAGS).code == 0


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(status=503, count=0), "SYN-PAG-TROUBLE"),
        (Fault(status=429, retry_after_s=30, count=0), "SYN-PAG-BUSY"),
        (Fault(cut=True, count=0), "SYN-PAG-NETWORK"),
    ],
)
def test_an_account_that_cannot_be_asked_is_said_to_be_so_and_nothing_is_held_against_its_key(
    syncd: Syncd, pagerduty: Simulator, fault: Fault, code: str
) -> None:
    pagerduty.faults.lay(fault)
    is_told(add(syncd, pagerduty.account.api_url), code)
    pagerduty.faults.clear()
    assert add(syncd, pagerduty.account.api_url).code == 0
    pagerduty.faults.lay(fault)
    ended = syncd("doctor", "acme", "-o", "json")
    lines = {line["check"]: line for line in ended.json}
    is_busy = code == "SYN-PAG-BUSY"  # To wait one's turn is no fault.
    state = ("warn", "unknown") if is_busy else ("FAIL", "FAIL")
    assert (lines["key"]["mark"], lines["key"]["state"], lines["key"]["code"]) == (*state, code)
    assert lines["users"]["finding"] == "It was not asked, since the key itself did not get through."
    assert ended.code == (0 if is_busy else 1), "whoever asks has to hear that nothing gets through"
    kept = syncd("integrations", "list", "-o", "json").json
    assert {one["state"] for one in kept} == {"connected"}, "nothing was found wrong with the account"
    pagerduty.faults.clear()
    assert {line["state"] for line in syncd("doctor", "acme", "-o", "json").json[:2]} == {"ok"}
