"""A key loses something while its account is in use: found within a minute, told once, and told again when it is mended."""

from __future__ import annotations

import pytest

from syncd import errors
from syncd.clock import StoppedClock
from syncd.connections.probes.questions import Asking
from syncd.core.diagnostics import Subject
from syncd.core.judging import Answer, Heard, State, heard_of, judge
from syncd.core.lifecycle import IntegrationState
from syncd.flow import accounts
from syncd.flow.diagnosing import Diagnosis
from syncd.flow.notices.causes import Cause, Kind, causes
from syncd.flow.status.condition import condition
from syncd.simulator import BOT_EMAIL, KEYS, Fault, simulator
from syncd.simulator.account import Withheld
from syncd.store import connection_log, deliveries, integrations, probes
from syncd.systems.answer import Answer as HttpAnswer
from syncd.systems.pagerduty import client
from syncd.systems.pagerduty.fault import explain
from syncd.systems.trip import Trip
from tests.connections.site import ACME, NOON, Site

LOG = "/log_entries"


def _diagnosis(site: Site) -> Diagnosis:
    return Diagnosis(site.db, site.connections, site.clock)


def _told(site: Site) -> list[tuple[str, str]]:
    with site.db.read() as tx:
        return [(one.kind, one.code) for one in reversed(connection_log.listing(tx, ACME)) if one.code]


def _rows(site: Site) -> list[str]:
    with site.db.read() as tx:
        return [row["reason"] for row in reversed(deliveries.find(tx, {"change": "connection"}))]


def _noticed(site: Site) -> list[Cause]:
    with site.db.read() as tx:
        return [one for one in causes(tx, site.clock.now()).values() if one.kind is Kind.LACKING]


def test_a_permission_that_is_lost_is_found_after_a_refusal_and_told_once(site: Site) -> None:
    site.connect()
    assert not _diagnosis(site).look(), "it was asked while it was connected"
    site.pagerduty.people.withhold(KEYS.full, Withheld(LOG))
    accounts.doubted(site.db, ACME)
    assert _diagnosis(site).look()
    accounts.doubted(site.db, ACME)
    assert not _diagnosis(site).look(), "at most once a minute"
    site.clock.forward(61)
    assert _diagnosis(site).look()
    assert (_told(site), _rows(site)) == ([("errored", "PAG-106-B")], ["diagnosed"])
    (found,) = [one.what for one in condition(site.db).findings if "PAG-" in one.what]
    assert found.startswith("acme: The key could read the account's log entries of incidents")
    with site.db.read() as tx:
        there = integrations.get(tx, ACME)
    assert there is not None
    assert there.state is IntegrationState.CONNECTED, "sync goes on where it can"
    (notice,) = _noticed(site)
    assert notice.what.startswith("acme: The key could read the account's log entries of incidents")
    assert notice.what.endswith(" (PAG-106-B).")
    assert notice.remedy
    site.pagerduty.people.grant(KEYS.full, LOG)
    site.clock.forward(24 * 3600)
    assert _diagnosis(site).look()
    assert _told(site) == [("errored", "PAG-106-B"), ("connected", "PAG-106-B")]
    assert _rows(site) == ["diagnosed", "diagnosed_well"]
    assert not [one for one in condition(site.db).findings if "PAG-" in one.what]
    assert _noticed(site) == [], "and that it is over is told"


def test_a_revoked_key_disconnects_its_account_by_night(site: Site) -> None:
    site.connect()
    site.pagerduty.people.revoke(KEYS.full)
    site.clock.forward(24 * 3600 + 1)
    assert _diagnosis(site).look()
    with site.db.read() as tx:
        there, kept = integrations.get(tx, ACME), probes.of(tx, ACME)
    assert there is not None
    assert (there.state, there.code) == (IntegrationState.DISCONNECTED, "PAG-100-B")
    assert (kept[Subject.KEY].code, kept[Subject.USERS].state) == ("PAG-100-B", State.OK)
    site.clock.forward(61)
    assert not _diagnosis(site).look(), "what it found wakes no other diagnosis"


@pytest.mark.parametrize("fault", [Fault(status=503, count=0), Fault(status=429, count=0), Fault(cut=True, count=0)])
def test_an_answer_that_never_came_overrules_nothing(site: Site, fault: Fault) -> None:
    site.connect()
    with site.db.read() as tx:
        before = probes.of(tx, ACME)
    site.pagerduty.faults.lay(fault)
    site.clock.forward(24 * 3600 + 1)
    assert _diagnosis(site).look()
    with site.db.read() as tx:
        assert probes.of(tx, ACME) == before


def _asking(clock: StoppedClock, *, has_other: bool, is_ours: bool) -> dict[Subject, Answer]:
    """A key of the EU account at the US address. `is_ours`: an address of somebody's own, without another region."""
    with simulator(seed=1, clock=clock) as us, simulator(seed=2, clock=clock) as eu:
        us.account.keys.clear()
        if not has_other:
            eu.account.keys.clear()
        here = client.http(KEYS.full, BOT_EMAIL, "us", transport=us.transport())
        there = client.http(KEYS.full, BOT_EMAIL, "eu", transport=eu.transport())
        asking = Asking(here, None if is_ours else there, Trip.begin("d", clock.monotonic))
        return dict(asking.all_of(Subject))


@pytest.mark.parametrize(
    ("has_other", "is_ours", "heard", "code"),
    [
        (True, False, Heard.OTHER_REGION, "SYN-PAG-REGION"),
        (True, True, Heard.KEY_REFUSED, "PAG-100-A"),
        (False, False, Heard.KEY_REFUSED, "PAG-100-A"),
    ],
)
def test_a_key_of_the_other_region_is_told_apart_from_a_wrong_one(
    has_other: bool, is_ours: bool, heard: Heard, code: str
) -> None:
    answers = _asking(StoppedClock(NOON), has_other=has_other, is_ours=is_ours)
    assert {subject: one.heard for subject, one in answers.items()} == {Subject.KEY: heard}
    verdict = judge(Subject.KEY, answers[Subject.KEY], is_needed=True, has_worked=False)
    assert (verdict.state, verdict.code) == (State.FAIL, code)


def test_only_pagerdutys_own_addresses_have_another_region() -> None:
    us, eu = client.REGIONS["us"], client.REGIONS["eu"]
    assert (client.other_region(us), client.other_region(f"{eu}/")) == (eu, us)
    assert client.other_region("https://proxy.example/pagerduty") == ""


@pytest.mark.parametrize(
    ("error", "state", "code"),
    [
        (errors.Unauthorised("x", status=401), State.FAIL, "PAG-100-B"),
        (errors.Refused("x", status=402), State.NO_PLAN, ""),
        (errors.Refused("x", status=403), State.FAIL, "PAG-106-B"),
        (errors.Refused("x", status=404), State.FAIL, "SYN-PAG-MISSING"),
        (errors.Refused("x", status=400), State.UNKNOWN, "SYN-PAG-TROUBLE"),
        (errors.Refused("x", status=406), State.UNKNOWN, "SYN-PAG-TROUBLE"),
        (errors.Unreachable("x", status=302), State.UNKNOWN, "SYN-PAG-ADDRESS"),
        (errors.Unreachable("x"), State.UNKNOWN, "SYN-PAG-NETWORK"),
        (errors.Untrusted("x"), State.UNKNOWN, "SYN-PAG-TLS"),
        (errors.OffLimits("x"), State.UNKNOWN, "SYN-CONFIG"),
        (errors.Unreachable("x", status=503), State.UNKNOWN, "SYN-PAG-TROUBLE"),
        (errors.RateLimited("x", retry_after=1.0), State.UNKNOWN, "SYN-PAG-BUSY"),
    ],
)
def test_every_refusal_is_told_apart_and_none_fails_what_is_not_needed(
    error: errors.SideError, state: State, code: str
) -> None:
    answer = Answer(heard_of(error), str(error))
    verdict = judge(Subject.LOG_ENTRIES, answer, is_needed=True, has_worked=True)
    assert (verdict.state, verdict.code) == (state, code)
    assert judge(Subject.LOG_ENTRIES, answer, is_needed=False, has_worked=True).state is not State.FAIL


@pytest.mark.parametrize("subject", list(Subject))
def test_an_address_that_is_missing_is_one_of_something_else_only_where_the_key_itself_was_asked(
    subject: Subject,
) -> None:
    """Beside a key that is accepted it is PagerDuty that answers, and what is missing is this subject's own."""
    answer = Answer(Heard.MISSING, "PagerDuty answered 404 to GET /x")
    verdict = judge(subject, answer, is_needed=True, has_worked=True)
    if subject is Subject.KEY:
        assert verdict.code == "SYN-PAG-ADDRESS"
        return
    assert verdict.code == "SYN-PAG-MISSING"
    assert verdict.finding.startswith("PagerDuty has no such address here (PagerDuty answered 404 to GET /x): ")
    assert "not PagerDuty's REST API" not in verdict.finding


@pytest.mark.parametrize("moment", [False, True])
@pytest.mark.parametrize("subject", [Subject.KEY, Subject.USERS, Subject.LICENCES])
@pytest.mark.parametrize("status", [301, 302, 307, 400, 402, 404, 406, 409, 410, 415, 422, 503])
def test_what_says_nothing_of_the_key_is_never_told_as_a_refusal_of_it(
    status: int, subject: Subject, *, moment: bool
) -> None:
    """By the very way an answer takes: from its status to the sentence."""
    error = explain(
        HttpAnswer(
            "PagerDuty", "GET", "/x", status, {"location": "https://portal.example/in"}, None, "", is_write=False
        )
    )
    verdict = judge(subject, Answer(heard_of(error), str(error)), is_needed=True, has_worked=moment)
    assert not verdict.code.startswith("PAG-")
    assert "taken away" not in verdict.finding
    assert "revoked" not in verdict.finding
    if status < 400:
        assert verdict.finding == (
            f"PagerDuty answered {status} to GET /x, a redirect to portal.example that is not followed: a proxy or a sign-in page is "
            "in the way, or the address is not quite the right one."
        )
