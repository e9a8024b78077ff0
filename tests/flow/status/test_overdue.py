"""A look over what changed unheard that does not come to its end is told, with the reason."""

from __future__ import annotations

from datetime import timedelta

from syncd import errors
from syncd.core.changes import Side
from syncd.core.lifecycle import IntegrationState
from syncd.flow.catchup import reconcile
from syncd.flow.orders import restraint
from syncd.store import reconciles
from tests.flow.catcher import Catcher
from tests.flow.status.told import AWAY, seen, whats
from tests.flow.world import PAGERDUTY, World


def test_a_reconcile_that_is_put_off_for_over_ten_minutes_is_a_finding_with_its_reason(linked: World) -> None:
    with linked.db.write() as tx:
        now = linked.db.now(tx)
        reconciles.ask(tx, PAGERDUTY, now, why="asked", by="", now=now)
    linked.incident.fail("standing", AWAY, times=3)
    worker = reconcile.Worker(linked.db, linked.connections, linked.clock, linked.crew.wake, lambda _: False)
    said = f"What changed unheard at pagerduty has been waiting to be looked for since {now:%Y-%m-%d %H:%M} UTC: {AWAY}"
    for minutes, what in ((0, []), (10, []), (1, [said])):
        linked.clock.forward(timedelta(minutes=minutes))
        assert reconcile.work(worker)
        assert whats(seen(linked)) == what
    restraint.pause(linked.db, PAGERDUTY, by="Eve", why="a move")
    assert whats(seen(linked)) == [], "a pause is somebody's own doing"
    restraint.resume(linked.db, PAGERDUTY, by="Eve")
    linked.clock.forward(60)
    assert reconcile.work(worker)
    assert whats(seen(linked)) == []


def test_one_401_alone_only_puts_a_reconcile_off(linked: World) -> None:
    """It is confirmed by another request before an account is called disconnected."""
    catcher = Catcher(linked)
    linked.incident.fail("standing", errors.Unauthorised("The key is not accepted.", status=401))
    catcher.ask(linked.clock.now())
    assert reconcile.work(catcher.worker)
    assert linked.account(Side.INCIDENT).state is IntegrationState.CONNECTED
    assert (catcher.last()["state"], catcher.last()["detail"]) == ("waiting", "The key is not accepted.")
