"""Whether a key sees the whole account is asked where evidence is collected, and told with what mends it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.connections.joining.accounts import rotate
from syncd.core.diagnostics import Subject
from syncd.core.judging import State
from syncd.flow.diagnosing import Diagnosis
from syncd.flow.status.condition import condition
from syncd.simulator import KEYS
from syncd.store import integrations, probes
from syncd.store.integrations import EVIDENCE, Integration
from syncd.store.probes import Probe
from tests.connections.oauth_site import connect
from tests.connections.site import ACME, Site

OTHER = "u+another-key-of-4711"


def switch_on(site: Site) -> None:
    with site.db.write() as tx:
        integrations.configure(tx, ACME, {**_there(site).settings, EVIDENCE: True})


def _there(site: Site) -> Integration:
    with site.db.read() as tx:
        found = integrations.get(tx, ACME)
    assert found is not None
    return found


def looked(site: Site, after: float = 24 * 3600 + 1) -> Probe | None:
    site.clock.forward(after)
    assert Diagnosis(site.db, site.connections, site.clock).look()
    with site.db.read() as tx:
        return probes.of(tx, ACME).get(Subject.SIGHT)


def told(site: Site) -> list[tuple[str, str]]:
    return [(one.what, one.remedy) for one in condition(site.db).findings if "SYN-PAG-" in one.what]


def test_nobody_asks_where_no_evidence_is_collected(site: Site) -> None:
    site.connect()
    assert looked(site) is None


def test_an_accounts_key_is_in_order(site: Site) -> None:
    site.connect()
    switch_on(site)
    found = looked(site)
    assert found is not None
    assert (found.state, found.finding) == (State.OK, "It is an account's key, and sees the whole account.")
    assert told(site) == []


@pytest.mark.parametrize(("role", "is_whole"), [("admin", True), ("restricted_access", False), ("user", False)])
def test_a_key_that_became_somebody_elses_is_told_with_its_cure(site: Site, role: str, is_whole: bool) -> None:
    site.connect()
    switch_on(site)
    ana = site.pagerduty.account.keys[KEYS.user].user_id
    assert ana is not None
    site.pagerduty.people.set_role(ana, role)
    site.pagerduty.account.keys[KEYS.full] = replace(site.pagerduty.account.keys[KEYS.full], kind="user", user_id=ana)
    found = looked(site)
    assert found is not None
    assert (found.state is State.OK) is is_whole
    assert [what.partition(":")[0] for what, _ in told(site)] == ([] if is_whole else ["acme"])
    if not is_whole:
        ((what, remedy),) = told(site)
        assert "(SYN-PAG-SIGHT)" in what
        assert "`syncd integrations rotate acme`" in remedy


def test_another_key_is_asked_at_once(site: Site) -> None:
    site.connect()
    switch_on(site)
    ana = site.pagerduty.account.keys[KEYS.user].user_id
    assert ana is not None
    site.pagerduty.people.set_role(ana, "restricted_access")
    full = site.pagerduty.account.keys[KEYS.full]
    site.pagerduty.account.keys[KEYS.full] = replace(full, kind="user", user_id=ana)
    looked(site)
    assert told(site)
    site.pagerduty.account.keys[OTHER] = replace(full, secret=OTHER)
    rotate(site.setup, ACME, OTHER)
    found = looked(site, 1)
    assert found is not None
    assert found.state is State.OK
    assert told(site) == []


def test_a_token_that_lacks_what_evidence_reads_names_the_scopes(site: Site) -> None:
    connect(site.setup, site.pagerduty)
    switch_on(site)
    looked(site)  # Its token is renewed by this, and what was said of the one before is not kept.
    user = next(iter(site.pagerduty.account.active_users()))
    site.pagerduty.people.set_role(user.id, "admin")
    found = looked(site, 61)
    assert found is not None
    assert (found.state, found.code) == (State.FAIL, "SYN-PAG-READS")
    assert "schedules.read" in found.finding
    assert "users.read" not in found.finding, "it has that one"
    assert any("`syncd integrations authorise acme`" in remedy for _, remedy in told(site))


def test_only_the_scopes_of_reading_are_needed_of_an_account_that_is_only_read_for_evidence(site: Site) -> None:
    connect(site.setup, site.pagerduty, "classic")
    switch_on(site)
    user = next(iter(site.pagerduty.account.active_users()))
    site.pagerduty.people.set_role(user.id, "owner")
    found = looked(site)
    assert found is not None
    assert found.state is State.OK, "read and write cover what is read"
