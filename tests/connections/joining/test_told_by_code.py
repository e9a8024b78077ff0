"""An account that is there already is tested, or given another key: what is wrong is told by its code, as when it is connected."""

from __future__ import annotations

import pytest

from syncd.connections.joining import accounts, pasted
from syncd.core.diagnostics import CATALOGUE
from syncd.core.lifecycle import IntegrationState
from syncd.errors import Misconfigured, Unavailable
from syncd.flow.diagnosing import Diagnosis
from syncd.simulator import KEYS, Fault
from syncd.simulator.account import Withheld
from syncd.store import connection_log, integrations
from tests.connections.site import ACME, Site

WRONG = "u+wrongkey0000000000"


def _log(site: Site) -> list[tuple[str, str]]:
    with site.db.read() as tx:
        return [(one.kind, one.code) for one in connection_log.listing(tx, ACME)]


def test_another_key_that_is_wrong_is_told_as_of_a_new_account(site: Site) -> None:
    site.connect()
    with pytest.raises(Misconfigured, match=r"^PAG-100-A: .*answered 401.* copy it whole"):
        accounts.rotate(site.setup, ACME, WRONG)
    site.pagerduty.people.withhold(KEYS.user, Withheld("/users"))
    with pytest.raises(Misconfigured, match=r"^PAG-101-A: .* Connect it again afterwards"):
        accounts.rotate(site.setup, ACME, KEYS.user)


def test_what_sync_goes_on_without_is_a_warning_of_another_key_and_of_a_test(site: Site) -> None:
    site.connect()
    site.pagerduty.people.withhold(KEYS.full, Withheld("/log_entries"))
    assert "PAG-106-B: " in accounts.check(site.setup, ACME)["mind"]
    assert Diagnosis(site.db, site.connections, site.clock).look()
    assert _log(site)[0] == ("errored", "PAG-106-B")
    (warning,) = accounts.rotate(site.setup, ACME, KEYS.full)
    assert warning.startswith("PAG-106-A: ")


def test_a_test_that_is_refused_has_the_account_diagnosed(site: Site) -> None:
    site.connect()
    site.pagerduty.people.revoke(KEYS.full)
    with pytest.raises(Misconfigured, match=r"^PAG-100-B: .*`syncd integrations rotate acme`"):
        accounts.check(site.setup, ACME)
    assert Diagnosis(site.db, site.connections, site.clock).look()
    with site.db.read() as tx:
        there = integrations.get(tx, ACME)
    assert there is not None
    assert there.state is IntegrationState.DISCONNECTED
    assert _log(site)[0][1] == "PAG-100-B"


def test_a_permission_that_a_test_finds_lost_is_told_by_its_later_code(site: Site) -> None:
    site.connect()
    site.pagerduty.people.withhold(KEYS.full, Withheld("/users"))
    with pytest.raises(Misconfigured, match=r"^PAG-101-B: "):
        accounts.check(site.setup, ACME)
    assert Diagnosis(site.db, site.connections, site.clock).look()
    assert _log(site)[0] == ("errored", "PAG-101-B")


def test_an_account_that_is_away_says_nothing_of_its_key(site: Site) -> None:
    site.connect()
    site.pagerduty.faults.lay(Fault(status=503, count=0))
    with pytest.raises(Unavailable, match=r"^SYN-PAG-TROUBLE: "):
        accounts.check(site.setup, ACME)
    assert not Diagnosis(site.db, site.connections, site.clock).look()


REFUSED = [
    ("/users/me", 402, "SYN-PAG-PLAN"),
    ("/users/me", 403, "PAG-101-A"),
    ("/users/me", 404, "SYN-PAG-MISSING"),
    ("/services", 402, "SYN-PAG-PLAN"),
    ("/services", 403, "SYN-PAG-SERVICES"),
    ("/services", 404, "SYN-PAG-MISSING"),
    ("/users", 402, "SYN-PAG-PLAN"),
    ("/users", 404, "SYN-PAG-MISSING"),
    ("/abilities", 404, "SYN-PAG-ADDRESS"),
]


@pytest.mark.parametrize(("path", "status", "code"), REFUSED)
def test_whatever_is_refused_while_connecting_is_told_by_its_code_with_its_cure(
    site: Site, path: str, status: int, code: str
) -> None:
    site.pagerduty.faults.lay(Fault(methods=("GET",), path=path, status=status, count=0))
    with pytest.raises(Misconfigured) as told:
        site.connect()
    assert told.value.explained_by == code
    assert str(told.value).startswith(f"{code}: ")
    assert str(told.value).endswith(CATALOGUE[code].cured(ACME))


@pytest.mark.parametrize("path", ["/abilities", "/users", "/users/me", "/services"])
@pytest.mark.parametrize("status", [302, 406])
def test_what_says_nothing_of_the_key_is_no_fault_of_it_while_connecting(site: Site, path: str, status: int) -> None:
    site.pagerduty.faults.lay(Fault(methods=("GET",), path=path, status=status, count=0))
    with pytest.raises(Unavailable) as told:
        site.connect()
    assert "PAG-10" not in str(told.value)
    assert ("redirect" in str(told.value)) is (status == 302)


@pytest.mark.parametrize("status", [402, 403])
def test_a_key_that_may_not_ask_what_the_account_is_able_to_is_as_good_as_any(site: Site, status: int) -> None:
    site.pagerduty.faults.lay(Fault(methods=("GET",), path="/abilities", status=status, count=0))
    site.connect()


@pytest.mark.parametrize(
    "around", ["\u200b{}\u200b", "\ufeff{}", '"{}"', "'{}' ", "\u201c{}\u201d", "Token token={}\u2060\n"]
)
def test_a_key_is_freed_of_what_nobody_sees(around: str) -> None:
    assert pasted.rest_key(around.format(KEYS.full)) == KEYS.full
    assert pasted.integration_key(around.removeprefix("Token token=").format("a" * 32)) == "a" * 32
    assert pasted.hook_secret(around.removeprefix("Token token=").format("s" * 64)) == "s" * 64
