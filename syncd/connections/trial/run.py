"""A trial from its beginning to its end: who would be paged is told first, and nothing is opened before somebody has agreed."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace

from syncd.connections.joining.connectors import is_used
from syncd.connections.joining.services import chosen
from syncd.connections.joining.setup import Setup, talking
from syncd.connections.tolls import Tolls
from syncd.errors import Conflict, NotFound, Unavailable
from syncd.store import integrations
from syncd.systems.pagerduty import account

from . import directory, heard, paged
from .asking import Asking
from .finding import Finding
from .life import Life
from .paged import Paged


@dataclass(frozen=True, slots=True)
class Trial:
    setup: Setup
    slug: str
    asking: Asking
    life: Life
    paged: Paged
    rest: Callable[[float], None]

    def findings(self) -> Generator[Finding, None, None]:
        """Each as it is found. Whatever ends it early, the incident is resolved."""
        sender = self.setup.integration(self.slug).settings["from"]
        with talking():
            yield from directory.findings(self.asking, sender)
            yield from self.life.findings()
            yield from heard.findings(self.setup, self.slug, self.life.ref, self.life.notes, self.rest)
        if self.life.is_left_open:
            raise Unavailable(
                f"Incident {self.life.ref} could not be resolved; resolve it in PagerDuty, where it may page somebody."
            )


def prepared(setup: Setup, slug: str, service: str, rest: Callable[[float], None]) -> Trial:
    # Outside the request budget: whatever sync needs meanwhile, what was opened has to be resolved.
    setup = replace(setup, tolls=Tolls())
    slug = slug or _only_account(setup)
    asking = Asking(setup, setup.pagerduty(slug))
    with talking():
        aimed = chosen(account.list_services(asking.http, setup.trip("trial")), service)
        priorities, _ = account.list_priorities(asking.http, setup.trip("trial"))
        whom = paged.whom(asking, aimed.id)
    used = [one.id for one in priorities if is_used(one)]
    return Trial(setup, slug, asking, Life(asking, aimed, used[-1] if used else ""), whom, rest)


def _only_account(setup: Setup) -> str:
    with setup.db.read() as tx:
        found = [it.slug for it in integrations.all_of(tx).values() if it.system == "pagerduty"]
    if not found:
        raise NotFound("There is no PagerDuty account yet; add one with `syncd integrations add`.")
    if len(found) > 1:
        raise Conflict(f"There are several PagerDuty accounts: {', '.join(found)}; name the one to be tried.")
    return found[0]
