"""What a report says of the connection that its facts were read by: what its key cannot see. Without names of people."""

from __future__ import annotations

from syncd.core.diagnostics import CATALOGUE, Subject
from syncd.core.judging import State
from syncd.store import probes
from syncd.store.database import Tx
from syncd.store.integrations import Integration


def unseen(tx: Tx, it: Integration) -> tuple[str, ...]:
    """Nothing where the last check found that it sees the whole account."""
    found = probes.of(tx, it.slug).get(Subject.SIGHT)
    if found is None:
        return (f"Nobody has asked yet whether the key sees the whole account: `syncd doctor {it.slug}` does.",)
    if found.state is State.OK:
        return ()
    entry = CATALOGUE.get(found.code)
    cure = "" if entry is None else f" {entry.cured(it.slug, is_by_oauth=it.is_by_oauth)}"
    return (f"{found.finding}{cure}",)
