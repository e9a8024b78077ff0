"""Whoever waits for an authorisation is told how it ended, with what is to be known of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.connections.joining.terms import Terms
from syncd.connections.oauth import authorising
from syncd.connections.oauth.outcome import Outcome, kept, outcome
from syncd.errors import Misconfigured
from syncd.store import authorisations
from tests.connections.oauth_site import BACK, agreed, asked, begun, register
from tests.connections.site import Site


def found(site: Site, digest: str) -> Outcome:
    it = outcome(site.db, digest)
    assert it is not None
    return it


def test_it_waits_and_is_too_late_in_its_time(site: Site) -> None:
    register(site.pagerduty)
    one = begun(site.setup, site.pagerduty)
    assert (found(site, one.digest).state, found(site, one.digest).is_over) == ("waiting", False)
    site.clock.forward(authorising.LASTS)
    late = found(site, one.digest)
    assert (late.state, late.is_over, late.says) == ("expired", True, "Nobody has agreed in time; begin another.")
    assert outcome(site.db, "x" * 64) is None


def test_a_person_s_token_is_told_to_end_with_that_person_and_one_way_how_to_change_it(site: Site) -> None:
    register(site.pagerduty)
    it = asked(site.setup, site.pagerduty)
    one = authorising.begin(site.setup, replace(it, terms=Terms("Ana", has_consented=True, is_two_way=False)), BACK)
    authorising.finish(site.setup, agreed(one))
    done = found(site, one.digest)
    assert (done.state, done.slug, done.by) == ("done", "acme", "Ana")
    assert done.says.endswith(
        "writes as ana.lima@example.com; sync: one-way. What happens in PagerDuty changes no case; "
        "`syncd integrations two-way acme on` changes that."
    )
    (warning,) = done.warnings
    assert warning.startswith("This token is Ana Lima's: it ends with that user")


def test_connected_anew_it_is_synced_as_it_was(site: Site) -> None:
    register(site.pagerduty)
    authorising.finish(site.setup, agreed(begun(site.setup, site.pagerduty)))
    again = begun(site.setup, site.pagerduty, is_agreed="no")
    authorising.finish(site.setup, agreed(again))
    assert found(site, again.digest).says.endswith("sync: two-way.")


def test_a_denial_is_one_sentence(site: Site) -> None:
    register(site.pagerduty)
    site.pagerduty.oauth.denies_next = True
    one = begun(site.setup, site.pagerduty)
    with pytest.raises(Misconfigured) as denied:
        authorising.finish(site.setup, agreed(one))
    assert found(site, one.digest).says == str(denied.value)
    assert (found(site, one.digest).state, found(site, one.digest).warnings) == ("failed", [])


def test_lines_that_others_wrote_are_no_lines_of_ours(site: Site) -> None:
    register(site.pagerduty)
    one = begun(site.setup, site.pagerduty)
    with site.db.write() as tx:
        authorisations.end(tx, one.digest, kept("It is\nconnected.", ["Mind\r\nEve\n."]), is_done=True)
    assert (found(site, one.digest).says, found(site, one.digest).warnings) == ("It is connected.", ["Mind Eve ."])
