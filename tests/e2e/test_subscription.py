"""PagerDuty disables a subscription after three refused hooks: it is enabled, what was missed arrives, and its secret is replaced at work."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import update

from syncd.store.tables_of_accounts import watches
from tests.e2e import books
from tests.e2e.fleet import ACCOUNT, BUILTIN, Fleet
from tests.e2e.program import Program, syncd
from tests.e2e.scene import Scene
from tests.e2e.sites import embedded
from tests.e2e.waiting import until


def _is_disabled(fleet: Fleet) -> bool:
    there = fleet.pagerduty_peer.state(anew=True)["subscriptions"]
    return any(one["delivery_method"]["temporarily_disabled"] for one in there)


def _subscriptions(fleet: Fleet) -> set[str]:
    return {one["id"] for one in fleet.pagerduty_peer.state(anew=True)["subscriptions"]}


def _five_minutes_pass(fleet: Fleet) -> None:
    """For the guardian alone."""

    def is_due() -> bool:
        with fleet.db.write() as tx:
            return tx.execute(update(watches).values(next_at=fleet.db.now(tx))).rowcount == 1

    until(is_due, "a worker knows of the subscription")


def _run(fleet: Fleet, name: str, *words: str) -> Program:
    made = fleet.add(name, syncd(*words))
    made.start()
    return made


def test_a_disabled_subscription_is_enabled_and_what_was_missed_arrives(tmp_path: Path) -> None:
    with embedded(tmp_path) as fleet:
        scene = Scene(fleet, fleet.cases(BUILTIN), fleet.people, "one")
        scene.open()
        fleet.await_quiet()
        fleet.pagerduty_peer.turn(sign_wrongly=True)
        scene.on_incident("note", text="Refused")
        scene.on_incident("acknowledge")
        scene.on_incident("note", text="Refused as well")
        until(lambda: _is_disabled(fleet), "PagerDuty has disabled the subscription")
        fleet.pagerduty_peer.turn(sign_wrongly=False)
        scene.on_incident("note", text="Sent to nobody")
        assert scene.told() == []
        _five_minutes_pass(fleet)
        missed = [f"Ben Osei (PagerDuty): {text}" for text in ("Refused", "Refused as well", "Sent to nobody")]
        scene.until_told(*missed)
        scene.until_case(status="acknowledged")
        assert not _is_disabled(fleet)
        scene.on_incident("note", text="Told at once")
        scene.until_told(*missed, "Ben Osei (PagerDuty): Told at once")
        fleet.await_quiet()
        found = books.read(fleet)
        books.match(found)
        said = [row["reason"] for row in found.rows if row["change"] == "subscription"]
        assert said == ["subscription_disabled", "subscription_enabled"]
        assert fleet.workers[0].said().count('"event": "subscription.trouble"') == 1


def test_a_secret_is_replaced_while_hooks_come_in_and_none_is_refused(tmp_path: Path) -> None:
    with embedded(tmp_path) as fleet:
        scene = Scene(fleet, fleet.cases(BUILTIN), fleet.people, "one")
        scene.open()
        before = _subscriptions(fleet)
        rotating = _run(fleet, "rotate", "integrations", "webhook", ACCOUNT, "--rotate")
        texts: list[str] = []
        while rotating.is_running() or len(texts) < 3:
            texts.append(f"Ben Osei (PagerDuty): Note {len(texts)}")
            scene.on_incident("note", text=f"Note {len(texts) - 1}")
            scene.until_told(*texts)
        assert rotating.wait() == 0, rotating.said()
        assert "has proved its secret" in rotating.said()
        after = _subscriptions(fleet)
        assert len(before - after) == len(after - before) == 1
        scene.on_incident("note", text="By the new one")
        scene.until_told(*texts, "Ben Osei (PagerDuty): By the new one")
        fleet.await_quiet()
        assert scene.rows(outcome="rejected") == []
        refused = [one for one in fleet.pagerduty_peer.hooks() if one["status"] and 400 <= one["status"] < 500]
        assert refused == []
        books.match(books.read(fleet))
