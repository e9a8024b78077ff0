"""Which account is meant, where it may be left out."""

from __future__ import annotations

from syncd.errors import Misconfigured
from syncd.store import integrations
from syncd.store.database import Database


def chosen(db: Database, name: str) -> str:
    """By its name, or the only one that is collected from."""
    with db.read() as tx:
        there = [one for one in integrations.all_of(tx).values() if one.system == "pagerduty"]
    if name:
        if name not in {one.slug for one in there}:
            from syncd.evidence.desk import none_called

            raise none_called(name, (one.slug for one in there))
        return name
    giving = [one.slug for one in there if one.gives_evidence]
    if len(giving) == 1:
        return giving[0]
    if giving:
        raise Misconfigured(f"Evidence is collected from several accounts; name one of {', '.join(giving)}.")
    if there:
        raise Misconfigured(
            f"Evidence is collected from no account; `syncd integrations set {there[0].slug} --evidence on` switches it on."
        )
    raise Misconfigured("There is no PagerDuty account; `syncd integrations add NAME --read-only --evidence` adds one.")
