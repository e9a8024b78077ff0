"""What `status` says of each dataset, over an account that is really collected: what was refused, what is under way, what was left behind."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.evidence.collecting import collector, due
from syncd.evidence.facts.dataset import Name
from syncd.evidence.fresh import freshness_of
from syncd.evidence.freshness import Freshness, State
from syncd.simulator import Fault
from syncd.store import integrations
from syncd.store.evidence import collections
from tests.evidence.collecting.rig import SLUG, Killed, Rig


def _of(rig: Rig, name: Name) -> Freshness:
    with rig.db.read() as tx:
        (found,) = [one for one in freshness_of(tx, SLUG, rig.now) if one.dataset is name]
    return found


@pytest.mark.parametrize(
    ("status", "says"),
    [(402, "users: not on the account's plan"), (403, "users: the key may not read it (a Global Admin's")],
)
def test_what_is_refused_is_told_as_refused_with_the_reason(rig: Rig, status: int, says: str) -> None:
    rig.sim.faults.lay(Fault(status=status, path="/users", count=0))
    rig.collect(Name.USERS, Name.TEAMS)
    users = _of(rig, Name.USERS)
    assert (users.state, users.why.startswith(says)) == (State.REFUSED, True), users.why
    assert _of(rig, Name.TEAMS).state is State.ON_TIME


def test_what_is_asked_for_being_collected_and_left_behind_says_since_when_and_why(rig: Rig) -> None:
    rig.collect(Name.INCIDENTS)
    assert (_of(rig, Name.INCIDENTS).unfinished_since, _of(rig, Name.INCIDENTS).unfinished) == (None, "")
    since = rig.now - timedelta(days=60)
    (number,) = due.ask(rig.db, SLUG, [Name.INCIDENTS], since=since, by="Ana")
    asked = _of(rig, Name.INCIDENTS)
    assert asked.unfinished == (
        f"Asked for at {rig.now:%Y-%m-%d %H:%M} UTC by Ana, from {since:%Y-%m-%d %H:%M} UTC on, and not begun yet."
    )
    begun = rig.now
    rig.kill_at(3, is_answered=False)
    with pytest.raises(Killed):
        collector.work(rig.worker, [number])
    found = _of(rig, Name.INCIDENTS)
    assert found.unfinished == (
        f"Being collected since {begun:%Y-%m-%d %H:%M} UTC, from {since:%Y-%m-%d %H:%M} UTC on, 2 requests so far."
    )
    rig.revive()
    found = _of(rig, Name.INCIDENTS)
    assert (found.state, found.unfinished_since) == (State.ON_TIME, begun)
    assert "2 requests so far: the process that was at it has ended; the daemon's workers go on" in found.unfinished
    with rig.db.write() as tx:
        integrations.disconnect(
            tx, SLUG, code="PAG-100-B", reason="It was revoked.", now=rig.now, probe_at=rig.now + timedelta(days=1)
        )
    away = _of(rig, Name.INCIDENTS)
    assert (away.why, away.unfinished) == ("It was revoked.", found.unfinished)


def test_what_waits_for_something_is_unfinished_and_says_for_what(rig: Rig) -> None:
    rig.sim.faults.lay(Fault(status=503, path="/users", count=1))
    (number,) = due.ask(rig.db, SLUG, [Name.USERS], since=None, by="Ana")
    assert collector.work(rig.worker, [number])
    found = _of(rig, Name.USERS)
    assert (found.state, "503" in found.why) == (State.NEVER, True)
    assert "1 request so far: the daemon's workers go on where it stopped" in found.unfinished
    with rig.db.read() as tx:
        waits = collections.get(tx, number)
    assert waits is not None
    assert waits.state == collections.WAITING
