"""What a report says of the connection that its facts were read by: what its key could not see then. Without names of people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from syncd.core.diagnostics import CATALOGUE
from syncd.evidence.collecting.catalogue import COURSES
from syncd.evidence.facts.sight import BY_TEAM, hidden_as_seen
from syncd.store.database import Tx
from syncd.store.evidence import collections
from syncd.store.evidence.collections import Collection
from syncd.store.integrations import Integration


def unseen(tx: Tx, it: Integration, at: datetime) -> tuple[str, ...]:
    """Nothing where the last collecting of each dataset was shown the whole account."""
    last = [collections.latest(tx, it.slug, name, at) for name in COURSES if name in BY_TEAM]
    ended = [one for one in last if one is not None]
    if not ended:
        if any(collections.is_any_ended(tx, it.slug, name) for name in COURSES if name in BY_TEAM):  # at a later time
            return (
                f"Nothing had been collected by {at:%Y-%m-%d %H:%M} UTC: what was not collected then stays unknown, apart from incidents.",
            )
        return (
            f"Nobody has asked yet whether the key sees the whole account: `syncd evidence collect {it.slug}` does.",
        )
    datasets: dict[str, list[str]] = {}
    for one in ended:
        for said in _said(one):
            datasets.setdefault(said, []).append(one.dataset.replace("_", " "))
    cure = CATALOGUE["SYN-PAG-SIGHT"].cured(it.slug, is_by_oauth=it.is_by_oauth)
    return tuple(f"{said}, when these were collected: {', '.join(some)}. {cure}" for said, some in datasets.items())


def _said(one: Collection) -> Iterator[str]:
    """The last of what it was told; nothing where it saw everything."""
    if hidden_as_seen(one.sights) is None:
        return
    told = [each["said"] for each in one.sights if hidden_as_seen([each]) is not None]
    why = f" ({told[-1].rstrip('.')})" if told and told[-1] else ""
    yield f"The key did not see the whole account{why}" if told else "Nobody had asked what the key sees"
