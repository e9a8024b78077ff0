"""The third step: PagerDuty is to tell us what happens there, where it can reach us; else it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .asking import Talk

if TYPE_CHECKING:
    from syncd.connections.joining.setup import Setup

_POLLED = (
    "PagerDuty cannot reach this daemon, since public_url is not set: it is asked for what changed every 15 s instead. Set "
    "SYNCD_PUBLIC_URL for every part, and run `syncd init` again, to have a webhook made."
)


def subscribe(setup: Setup, name: str, public_url: str, by: str, talk: Talk) -> str:
    """Which subscription sends from now on; empty: none."""
    from syncd.cli.integrations.webhook import rotation
    from syncd.store import hook_secrets

    with setup.db.read() as tx:
        kept = hook_secrets.listing(tx, name)
    if kept:
        known = next((one.subscription for one in kept if one.subscription), "that a person made")
        talk.finished(f"{name} has a webhook already: subscription {known}.")
        return known
    if not public_url:
        talk.say(_POLLED)
        return ""
    made = rotation(setup, name, public_url, by).create("")
    talk.finished(f"PagerDuty made webhook subscription {made[0].new}; its secret is sealed.")
    return made[0].new
