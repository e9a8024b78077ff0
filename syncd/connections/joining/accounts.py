"""An account that is there already: another credential for it, and whether it still takes the one it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from syncd.errors import Conflict
from syncd.store import integrations
from syncd.store.integrations import Integration

from . import casedesk, pagerduty, service_key
from .renewed import Renewed
from .setup import Setup


class _Kind(Protocol):
    """What each system's own file knows of its accounts."""

    def renewed(self, setup: Setup, it: Integration, credential: str, email: str, /) -> Renewed: ...

    def checked(self, setup: Setup, it: Integration, /) -> Mapping[str, str]: ...


_KINDS: Mapping[str, _Kind] = {"pagerduty": pagerduty, "casedesk": casedesk, "events": service_key}


def rotate(setup: Setup, slug: str, credential: str, *, email: str = "") -> Sequence[str]:
    """Give an account another credential, and PagerDuty's another user for our writes where one is named.

    What their refusal held goes on with the next sweep; what to mind about them.
    """
    it = setup.integration(slug)
    kind = _KINDS.get(it.system)
    if kind is None:
        raise Conflict(f"{slug} has no credential; the built-in cases live in this database.")
    new = kind.renewed(setup, it, credential, email)
    sealed = setup.vault.seal(f"integration:{slug}", new.credentials)
    with setup.db.write() as tx:
        integrations.reseal(tx, slug, sealed, new.settings)
        integrations.probe_later(tx, slug, setup.db.now(tx))
    return new.warnings


def check(setup: Setup, slug: str) -> Mapping[str, str]:
    """What a credential check says, in words for a person."""
    it = setup.integration(slug)
    kind = _KINDS.get(it.system)
    return {"credential": "none is needed"} if kind is None else kind.checked(setup, it)
