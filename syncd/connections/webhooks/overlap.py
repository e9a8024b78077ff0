"""Which webhook subscriptions are ours, and which of them would send the same as another one."""

from __future__ import annotations

from syncd.systems.pagerduty.account import Subscription


def described(slug: str) -> str:
    """How those that we make are described over there; a restored backup may know nothing else of them."""
    return f"syncd {slug}"


def overlaps(one: Subscription, url: str, service_id: str) -> bool:
    """Whether it sends to this address some of what is asked for: the events of one service, or of all."""
    return one.url == url and (not service_id or one.filter_id in {"", service_id})


def second(slug: str, one: Subscription, *, is_ours: bool) -> str:
    """Why no other one is made beside it, and what to do."""
    there = f"PagerDuty has subscription {one.id} to {one.url} already"
    if is_ours:
        return f"{there}; `syncd integrations webhook {slug} --rotate` replaces it."
    return (
        f"{there}, and syncd did not make it: its description is not {described(slug)!r}. Delete {one.id} in PagerDuty before "
        f"another one is made, or paste its secret: `syncd integrations webhook {slug}`."
    )
