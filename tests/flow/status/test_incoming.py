"""Whether hooks come in: a source that is turned away, an account that has no webhook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from syncd.core.changes import Side
from syncd.flow import accept
from syncd.flow.status import incoming
from syncd.store import integrations, reconciles
from syncd.systems.port import System
from tests.flow.status.told import seen, whats
from tests.flow.world import PAGERDUTY, World


def turn_away(world: World, *, times: int = 1, names_ours: bool = True, ago: int = 0) -> None:
    """And a while goes by."""
    for _ in range(times):
        said, since = "The signature matches no secret.", timedelta(seconds=ago)
        accept.turn_away(world.db, FakeDoor(PAGERDUTY), said, names_ours=names_ours, ago=since)
    world.clock.forward(60)


@dataclass(frozen=True)
class FakeDoor:
    """As the receiver has one for a source."""

    slug: str
    side: Side = Side.INCIDENT
    secrets: tuple[str, ...] = ()
    secret_ids: tuple[int, ...] = ()
    subscriptions: tuple[str, ...] = ()

    @property
    def system(self) -> System:
        raise AssertionError("nothing of a hook that is turned away is read")


def test_a_source_that_is_turned_away_is_a_finding_until_it_is_heard_again(linked: World) -> None:
    linked.clock.forward(1)
    turn_away(linked, times=3)
    found = seen(linked)
    assert whats(found) == [
        "The last hook that said it came from pagerduty was refused (bad signature), 3 in the last hour."
    ]
    assert "`syncd integrations webhook pagerduty`" in found.findings[0].remedy
    linked.clock.forward(1)
    linked.tell(Side.CASE, "C-1")
    assert len(whats(seen(linked))) == 1, "another source says nothing about this one"
    linked.tell(Side.INCIDENT, "I-1")
    assert whats(seen(linked)) == []


def test_a_source_that_was_turned_away_long_ago_or_is_unknown_is_no_finding(linked: World) -> None:
    linked.clock.forward(1)
    accept.turn_away(linked.db, FakeDoor("removed"), "The signature matches no secret.")
    assert whats(seen(linked)) == []
    turn_away(linked)
    linked.clock.forward(3_601)
    assert whats(seen(linked)) == []


@pytest.mark.parametrize(("side", "how"), [(Side.INCIDENT, "--create"), (Side.CASE, "/hooks/acme")])
def test_an_account_without_a_webhook_is_told_and_is_no_trouble(world: World, side: Side, how: str) -> None:
    assert whats(seen(world)) == [], "who has no credential needs no hooks"
    with world.db.write() as tx:
        now = world.db.now(tx)
        integrations.add(tx, slug="acme", system="any", side=side, base_url="", settings={}, sealed=b"key", now=now)
    found = seen(world)
    assert whats(found) == []
    (line,) = incoming.lines(found.incoming)
    assert line.startswith("acme has no webhook, so it is looked over every 15 s. To hear of changes at once: ")
    assert how in line
    assert "`syncd integrations webhook acme`" in line
    with world.db.write() as tx:
        integrations.add_hook_secret(tx, "acme", b"sealed", "", world.db.now(tx))
    assert incoming.lines(seen(world).incoming) == []


def test_the_secret_of_a_subscription_that_we_made_is_made_anew_and_not_compared(linked: World) -> None:
    with linked.db.write() as tx:
        integrations.add_hook_secret(tx, PAGERDUTY, b"sealed", "PSUB1", linked.db.now(tx))
    linked.clock.forward(1)
    turn_away(linked)
    (found,) = (one for one in seen(linked).findings if "bad signature" in one.what)
    assert "`syncd integrations webhook pagerduty --rotate`" in found.remedy
    assert "Compare" not in found.remedy


def test_what_was_refused_before_the_newest_secret_was_given_counts_no_more(linked: World) -> None:
    linked.clock.forward(1)
    turn_away(linked, times=3)
    linked.clock.forward(1)
    with linked.db.write() as tx:
        integrations.add_hook_secret(tx, PAGERDUTY, b"sealed", "", linked.db.now(tx))
    assert whats(seen(linked)) == []
    linked.clock.forward(1)
    turn_away(linked)
    assert whats(seen(linked)) == [
        "The last hook that said it came from pagerduty was refused (bad signature), 1 in the last hour."
    ]


def _give_secret(world: World, subscription: str) -> None:
    with world.db.write() as tx:
        integrations.add_hook_secret(tx, PAGERDUTY, b"sealed", subscription, world.db.now(tx))
    world.clock.forward(1)


def test_a_stranger_who_knocks_is_no_finding_and_is_told(linked: World) -> None:
    _give_secret(linked, "PSUB1")
    turn_away(linked, names_ours=False)
    assert whats(seen(linked)) == []
    (line,) = incoming.lines(seen(linked).incoming)
    assert line == (
        "1 hook that says it comes from pagerduty came in the last hour with a signature that fits no secret; anybody can send "
        "such, and nothing shows that pagerduty did."
    )
    turn_away(linked)
    assert len(whats(seen(linked))) == 1, "until one names a subscription of ours"


def test_of_a_subscription_whose_name_nobody_knows_those_count_that_come_before_the_first_good_one(
    linked: World,
) -> None:
    _give_secret(linked, "")
    turn_away(linked, names_ours=False)
    assert len(whats(seen(linked))) == 1
    linked.tell(Side.INCIDENT, "I-1")
    linked.clock.forward(1)
    turn_away(linked, names_ours=False)
    assert whats(seen(linked)) == []
    with linked.db.write() as tx:
        now = linked.db.now(tx)
        number = reconciles.ask(tx, PAGERDUTY, now, why="daily", by="", now=now)
        reconciles.differed(tx, {number: 1})
    assert len(whats(seen(linked))) == 1, "or once a look has found what no hook had told"


def test_a_row_that_is_written_late_is_followed_by_whatever_came_after_its_hook(linked: World) -> None:
    _give_secret(linked, "PSUB1")
    linked.clock.forward(30)
    linked.tell(Side.INCIDENT, "I-1")
    linked.clock.forward(10)
    turn_away(linked, ago=20)
    assert whats(seen(linked)) == []
