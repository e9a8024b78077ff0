"""What a report says of its connection: nothing is passed over, and nobody is named."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.connections import key_age
from syncd.evidence import visible
from syncd.evidence.answering import Question, answer
from syncd.evidence.facts.dataset import Name
from syncd.evidence.known import Kept
from syncd.evidence.report.plain import plain
from syncd.evidence.rules.values import Rules
from syncd.evidence.spans import Span
from syncd.store import integrations
from tests.evidence.collecting.conftest import clock, rig, sim
from tests.evidence.collecting.rig import SLUG, Rig

__all__ = ["clock", "rig", "sim"]


def _unseen(rig: Rig) -> tuple[str, ...]:
    with rig.db.read() as tx:
        found = integrations.get(tx, SLUG)
        assert found is not None
        return visible.unseen(tx, found, rig.now)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_only_a_key_that_saw_everything_is_passed_over(rig: Rig) -> None:
    rig.is_seen = True
    assert _unseen(rig) == (
        "Nobody has asked yet whether the key sees the whole account: `syncd evidence collect acme` does.",
    )
    rig.collect(Name.SERVICES)
    assert _unseen(rig) == ()
    rig.key = rig.sim.keys.team
    rig.collect(Name.TEAMS, Name.USERS)
    (said,) = _unseen(rig)
    assert said.startswith(
        "The key did not see the whole account (It is an account's key that sees only services, schedules"
    )
    assert ", when these were collected: users, teams. " in said
    assert "`syncd integrations rotate acme`" in said


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_of_a_time_before_anything_was_collected_no_command_is_named_that_cannot_help(rig: Rig) -> None:
    rig.collect()
    end = rig.now - timedelta(days=40)
    window = Span(end - timedelta(days=30), end)
    with rig.db.read() as tx:
        report = plain(answer(tx, Kept(), Question(SLUG, "acme", window, Rules(), "ana", rig.now))[1])
        (unseen,) = Kept().collected(tx, SLUG, window, end).visible
    assert unseen.startswith(
        f"Nothing had been collected by {end:%Y-%m-%d %H:%M} UTC: what was not collected then stays"
    )
    missing = {one["check"]: one["missing"] for one in report["controls"]}
    assert "services: not collected by then, which stays unknown" in missing["SVC-03"]
    since = f"`syncd evidence collect NAME --since {window.start:%Y-%m-%d}` reads it"
    assert since in " ".join(missing["INC-01"])
    told = {one for some in missing.values() for one in some if "not collected yet" in one}
    assert told == {"roster: not collected yet"}, "which is so to this day"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_key_that_came_later_is_not_told_of_before(rig: Rig) -> None:
    with rig.db.read() as tx:
        it = integrations.get(tx, SLUG)
        assert it is not None
        now = key_age.keys_told(tx, it, rig.now)
        before = key_age.keys_told(tx, it, rig.now - timedelta(days=54))
    assert "has been in use for 0 days" in now
    assert (
        before
        == f"Which key was in use by then is not known; the one of today, API key, has been since {rig.now:%Y-%m-%d}."
    )
