"""When an account is looked over by itself: no webhook, a receiver that was away, a day gone by; and who may ask for it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, text

from syncd import errors
from syncd.core.changes import Actor, Field, Status
from syncd.flow.accounts import KEY_REFUSED, SENDER_REFUSED
from syncd.flow.catchup import reconcile, unheard
from syncd.store import heartbeats, integrations, reconciles
from tests.flow.catcher import Catcher
from tests.flow.world import PAGERDUTY, World


def _give_webhook(world: World) -> None:
    with world.db.write() as tx:
        integrations.add_hook_secret(tx, PAGERDUTY, b"x", "", world.db.now(tx))


def _seal(world: World) -> None:
    """Accounts with a credential, as those that can change unheard have one."""
    with world.db.write() as tx:
        tx.execute(text("UPDATE integrations SET sealed = :some WHERE slug = 'pagerduty'"), {"some": b"x"})
    world.connections._systems[PAGERDUTY] = ((b"x", "", {}, False), world.incident)


def _asked(world: World) -> list[tuple[str, str, datetime]]:
    with world.db.read() as tx:
        return [(one["integration"], one["why"], one["since"]) for one in reversed(reconciles.listing(tx))]


def _finish(world: World) -> None:
    with world.db.write() as tx:
        while (taken := reconciles.take(tx, world.db.now(tx))) is not None:
            reconciles.finish(tx, taken, world.db.now(tx))


def test_an_account_whose_hooks_cannot_reach_us_is_polled(world: World) -> None:
    unheard.ask_where_due(world.db)
    assert _asked(world) == []  # Neither has a credential: nothing can happen there unheard.
    _seal(world)
    began = world.clock.now()
    unheard.ask_where_due(world.db)
    world.clock.forward(60)
    unheard.ask_where_due(world.db)
    assert _asked(world) == [(PAGERDUTY, "polling", began)]
    _finish(world)
    unheard.ask_where_due(world.db)
    assert _asked(world) == [(PAGERDUTY, "polling", began)]
    _finish(world)
    world.clock.forward(14)
    unheard.ask_where_due(world.db)
    assert len(_asked(world)) == 1
    world.clock.forward(1)
    unheard.ask_where_due(world.db)
    assert _asked(world) == [(PAGERDUTY, "polling", began + timedelta(seconds=60))]


@pytest.mark.parametrize(("code", "is_asked"), [(SENDER_REFUSED, True), (KEY_REFUSED, False)])
def test_an_account_whose_key_may_read_is_polled_though_its_user_is_refused(
    world: World, code: str, *, is_asked: bool
) -> None:
    _seal(world)
    with world.db.write() as tx:
        now = world.db.now(tx)
        integrations.disconnect(tx, PAGERDUTY, code=code, reason="Refused.", now=now, probe_at=now)
    unheard.ask_where_due(world.db)
    assert bool(_asked(world)) is is_asked


def test_an_account_with_a_webhook_is_not_polled(world: World) -> None:
    _seal(world)
    _give_webhook(world)
    unheard.ask_where_due(world.db)
    assert _asked(world) == []


@pytest.mark.parametrize(("away", "why"), [(4, "restart"), (6, "downtime")])
def test_a_receiver_that_was_away_looks_for_what_it_missed(world: World, away: float, why: str) -> None:
    _seal(world)
    _give_webhook(world)
    left = world.clock.now()
    _beat(world)
    world.clock.forward(timedelta(minutes=away))
    unheard.after_absence(world.db)
    assert _asked(world) == [(PAGERDUTY, why, left)]


def _beat(world: World, part: str = "receiver") -> None:
    with world.db.write() as tx:
        heartbeats.beat(tx, part, "one", world.db.now(tx))


def test_a_receiver_that_was_away_for_more_than_a_day_looks_for_what_it_missed(world: World) -> None:
    """The other parts went on meanwhile, and their signs of life are not its own."""
    _seal(world)
    _give_webhook(world)
    left = world.clock.now()
    _beat(world)
    for _ in range(30):
        world.clock.forward(timedelta(hours=1))
        _beat(world, "worker")
    unheard.after_absence(world.db)
    assert _asked(world) == [(PAGERDUTY, "downtime", left)]


def test_the_first_receiver_ever_has_missed_nothing(world: World) -> None:
    _seal(world)
    _give_webhook(world)
    unheard.after_absence(world.db)
    assert _asked(world) == []


def test_after_a_restart_an_account_that_is_polled_anyway_is_not_looked_over_besides(world: World) -> None:
    _seal(world)
    _beat(world)
    world.clock.forward(30)
    unheard.after_absence(world.db)
    assert _asked(world) == []


def _restart(world: World, *, away: float = 3) -> None:
    _beat(world)
    world.clock.forward(away)
    unheard.after_absence(world.db)


def _lists(world: World) -> list[str]:
    """What was asked of PagerDuty, since this was asked last."""
    asked = [call.op for call in world.incident.calls]
    world.incident.calls.clear()
    return asked


def test_a_hook_that_was_lost_while_the_receiver_was_away_for_seconds_is_found_after_its_restart(
    linked: World,
) -> None:
    _seal(linked)
    _give_webhook(linked)
    linked.wait(600)
    _beat(linked)
    linked.clock.forward(1)
    linked.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.incident.note("I-1", "looking", Actor("Ben"))
    linked.clock.forward(2)
    unheard.after_absence(linked.db)
    assert reconcile.work(Catcher(linked).worker)
    linked.drain()
    assert (linked.in_step().status, linked.case.texts("C-1")) == (Status.ACKNOWLEDGED, ["looking"])


def test_where_nothing_has_changed_a_restart_costs_one_list_of_each_account(linked: World) -> None:
    _seal(linked)
    _give_webhook(linked)
    linked.wait(600)
    linked.forget()
    _restart(linked)
    assert reconcile.work(Catcher(linked).worker)
    linked.drain()
    assert (_lists(linked), linked.case.calls, linked.said()) == (["changed"], [], [])


def test_of_many_restarts_in_a_row_at_most_one_a_minute_is_looked_after_and_none_is_forgotten(linked: World) -> None:
    _seal(linked)
    _give_webhook(linked)
    linked.wait(600)
    linked.forget()
    worker = Catcher(linked).worker
    _restart(linked)
    assert reconcile.work(worker)
    second = linked.clock.now()
    for _ in range(9):
        _restart(linked)
        reconcile.work(worker)
    assert (len(_asked(linked)), _lists(linked)) == (2, ["changed"])
    assert _asked(linked)[1][2] == second
    linked.clock.forward(60)
    assert reconcile.work(worker)
    assert not reconcile.work(worker)
    assert _lists(linked) == ["changed"]


def test_who_asks_for_a_whole_look_does_not_wait_for_that_of_a_restart_and_gets_no_less(linked: World) -> None:
    _seal(linked)
    _give_webhook(linked)
    linked.wait(600)
    worker = Catcher(linked).worker
    _restart(linked)
    assert reconcile.work(worker)
    _restart(linked)
    linked.forget()
    unheard.ask(linked.db, PAGERDUTY, linked.clock.now(), by="Ben")
    _restart(linked)
    assert reconcile.work(worker)
    assert _lists(linked) == ["standing", "changed"]
    assert not reconcile.work(worker)


def test_who_asks_names_an_account_that_is_there_and_a_moment_that_has_been(world: World) -> None:
    _seal(world)
    now = world.clock.now()
    with pytest.raises(errors.NotFound, match="no integration called acme"):
        unheard.ask(world.db, "acme", now, by="Ben")
    with pytest.raises(errors.Misconfigured, match="still to come"):
        unheard.ask(world.db, "", now + timedelta(seconds=1), by="Ben")
    assert len(unheard.ask(world.db, "", now, by="Ben")) == 1


def test_every_record_is_read_once_a_day(world: World) -> None:
    _seal(world)
    _give_webhook(world)

    def asked() -> list[tuple[str, bool]]:
        with world.db.read() as tx:
            return [(one["why"], one["is_deep"]) for one in reconciles.listing(tx)]

    unheard.ask_where_due(world.db)
    assert asked() == []
    world.clock.forward(timedelta(days=1))
    unheard.ask_where_due(world.db)
    unheard.ask_where_due(world.db)
    assert asked() == [("daily", True)]


def test_a_polled_account_is_read_once_a_day_too_and_not_at_every_poll(world: World) -> None:
    """The poll that reads every record is remembered, though polls are forgotten."""
    _seal(world)
    world.clock.forward(timedelta(days=1))
    for _ in range(10):
        unheard.ask_where_due(world.db)
        _finish(world)
        world.clock.forward(20)
    with world.db.read() as tx:
        assert [one["is_deep"] for one in reconciles.listing(tx)] == [False, True]


def test_where_nothing_is_due_nothing_is_written(world: World) -> None:
    _seal(world)
    _give_webhook(world)
    sent: list[str] = []
    event.listen(world.db.engine, "before_cursor_execute", lambda *args: sent.append(args[2]))
    unheard.ask_where_due(world.db)
    assert sent
    assert [one for one in sent if one.split()[0].upper() in {"INSERT", "UPDATE", "DELETE"} or "IMMEDIATE" in one] == []
