"""Gate 5 of a system that runs and whose hooks do not come; and what only the real adapter knows: an incident's number."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd import errors
from syncd.core.why.gate import Gate
from syncd.core.why.verdict import Act, Who
from syncd.flow.catchup import restoring
from syncd.simulator import KEYS, Fault
from syncd.store import deliveries
from syncd.store.cases import NewCase
from tests.connections.site import ACME, PUBLIC
from tests.flow.why.whole import ANA, Whole

BEN = "Ben Osei"


def test_a_subscription_that_was_deleted(whole: Whole) -> None:
    del whole.site.there[whole.subscription.id]
    whole.site.look()
    said = whole.stopped(at=Gate.HEARD, code="SYN-HOOK-SUBSCRIPTION")
    assert "was deleted in PagerDuty" in said.sentence
    assert (said.who, said.act, said.target) == (Who.YOU, Act.MEND_WEBHOOK, ACME)
    assert said.command == "syncd integrations webhook acme --create"


def test_a_subscription_that_points_elsewhere(whole: Whole) -> None:
    whole.subscription.url = "https://old.test/hooks/acme"
    whole.site.look()
    said = whole.stopped(at=Gate.HEARD, code="SYN-HOOK-SUBSCRIPTION")
    assert "sends to https://old.test/hooks/acme" in said.sentence
    assert said.command == "syncd integrations webhook acme --rotate"


def refuse_three(whole: Whole) -> None:
    for number in range(3):
        whole.site.pagerduty.people.note(whole.incident.id, f"Looking {number}", BEN)
    assert whole.site.carry(wrongly=True) == [False] * 3


def test_a_subscription_that_pagerduty_disabled_is_mended_by_a_worker(whole: Whole) -> None:
    refuse_three(whole)
    whole.site.pagerduty.faults.lay(Fault(path="*/enable", status=503))
    whole.site.look()
    said = whole.stopped(at=Gate.HEARD, code="SYN-HOOK-SUBSCRIPTION")
    assert (said.who, said.act) == (Who.NOBODY, None)
    assert said.remedy == "A worker mends it by itself within minutes, and looks for what was lost."


def test_a_subscription_that_the_key_may_not_enable_is_for_a_person(whole: Whole) -> None:
    refuse_three(whole)
    whole.site.pagerduty.account.keys[KEYS.full].kind = "read_only"
    whole.site.look()
    said = whole.stopped(at=Gate.HEARD, code="SYN-HOOK-SUBSCRIPTION")
    assert "It cannot be put right from here" in said.sentence
    assert (said.who, said.command) == (Who.YOU, "syncd integrations rotate acme")


def test_a_webhook_whose_ping_never_arrives(whole: Whole) -> None:
    whole.site.look()
    whole.site.pagerduty.people.acknowledge(whole.incident.id, BEN)
    whole.site.lose()
    whole.site.look()
    whole.site.lose()
    whole.site.look(60)
    said = whole.stopped(at=Gate.HEARD, code="SYN-HOOK-SILENT")
    assert said.who is Who.YOU
    assert "from the internet" in said.remedy


def test_a_hook_and_a_change_that_no_worker_takes(whole: Whole) -> None:
    whole.cases.comment("CS-1", ANA, "Looking")
    assert whole.ask("CS-1").verdict.sentence == "A hook is here and is looked at within seconds."
    whole.site.clock.forward(61)
    said = whole.stopped(at=Gate.HEARD, code="SYN-WORKER")
    assert said.sentence == "A hook is here and nobody looks at it: No worker is running."
    assert (said.act, said.target, said.command) == (Act.START, "worker", "syncd worker")


def test_a_case_whose_hook_nobody_has_looked_at_is_known(whole: Whole) -> None:
    whole.cases.open(NewCase("Another"), ANA)
    assert whole.ask("CS-2").verdict.sentence == "A hook is here and is looked at within seconds."
    whole.site.clock.forward(61)
    whole.stopped("CS-2", at=Gate.HEARD, code="SYN-WORKER")


def test_the_same_webhook_twice(whole: Whole) -> None:
    whole.site.pagerduty.people.note(whole.incident.id, "Looking", BEN)
    (sent,) = whole.site.pagerduty.courier.take()
    for _ in range(2):
        whole.site.pagerduty.courier.send(sent)
        whole.settle()
    with whole.site.db.read() as tx:
        (row,) = deliveries.find(tx, {"reason": "duplicate"})
    said = whole.stopped(f"delivery:{row['id']}", at=Gate.HEARD)
    assert (said.sentence, said.who) == ("This was received before.", Who.NOBODY)


def test_our_own_write_coming_back_is_an_echo(whole: Whole) -> None:
    whole.cases.acknowledge("CS-1", ANA)
    whole.settle()
    with whole.site.db.read() as tx:
        row = deliveries.find(tx, {"reason": "echo"})[0]
    said = whole.stopped(str(row["id"]), at=Gate.NEWS)
    assert said.sentence.startswith("This is our own change coming back")
    assert not whole.ask("CS-1").verdict.stops, "the link itself is in step"


def test_an_incident_is_known_by_its_number_and_its_address(whole: Whole) -> None:
    it = whole.incident
    for reference in (f"#{it.number}", f"incident:{it.number}", it.id, f"https://x.test/incidents/{it.id}?tab=log"):
        assert whole.ask(reference).means == "link:1", reference
    assert whole.ask(f"https://x.test/incidents/{it.number}").means == "link:1"
    assert whole.ask(f"{PUBLIC}/cases/CS-1").means == "link:1"
    stray = whole.site.pagerduty.people.open("By hand", "Ana Lima")
    assert whole.stopped(f"#{stray.number}", at=Gate.LINKED).sentence == "No case here opened this incident."
    with pytest.raises(errors.NotFound, match="Nothing here is known as #999999"):
        whole.ask("#999999")
    whole.site.pagerduty.faults.lay(Fault(path="/incidents/*", status=503))
    with pytest.raises(errors.NotFound, match="acme could not be asked"):
        whole.ask("#999999")


def test_a_restored_backup_that_is_being_caught_up_with(whole: Whole) -> None:
    restoring.restored(whole.site.db, by="Ana")
    assert whole.stopped(at=Gate.CONNECTED).who is Who.NOBODY


def test_a_key_that_was_revoked_and_an_owner_who_was_deactivated(whole: Whole) -> None:
    whole.site.pagerduty.account.keys[KEYS.full].revoked = True
    whole.cases.comment("CS-1", ANA, "Looking")
    whole.settle()
    said = whole.stopped(at=Gate.CONNECTED, code="PAG-100-B")
    assert said.command == "syncd integrations rotate acme"
    whole.site.pagerduty.people.restore(KEYS.full)
    whole.wait(timedelta(seconds=61))
    assert not whole.ask("CS-1", compare=True).verdict.stops
