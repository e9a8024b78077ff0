"""Webhook subscriptions of ours are deleted at PagerDuty, before what they belong to goes here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from syncd.connections.joining.setup import Setup, talking
from syncd.connections.webhooks.subscriptions import Subscriptions
from syncd.errors import SyncdError


@dataclass(frozen=True, slots=True)
class Left:
    """What is gone over there, and what stays, and why."""

    deleted: Sequence[str] = ()
    subscriptions: Sequence[str] = ()
    error: SyncdError | None = None

    @property
    def says(self) -> str:
        gone = f" Subscription {', '.join(self.deleted)} was deleted at PagerDuty." if self.deleted else ""
        if not self.subscriptions:
            return gone
        stays = (
            f" Subscription {', '.join(self.subscriptions)} stays at PagerDuty and goes on sending; delete it there."
        )
        return gone + stays


def unsubscribe(setup: Setup, slug: str, subscriptions: Sequence[str]) -> Left:
    """One that is gone already is as good as deleted, so that whoever was cut off begins again."""
    for place, one in enumerate(subscriptions):
        try:
            with talking():
                Subscriptions(setup, slug, public_url="").delete(one)
        except SyncdError as error:
            return Left(subscriptions[:place], subscriptions[place:], error)
    return Left(subscriptions)
