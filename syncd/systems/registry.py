"""Every system syncd can talk to, by name. Building one opens no connection, and happens after a fork."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from syncd.clock import Clock
from syncd.core.changes import Side
from syncd.errors import Misconfigured, NotFound
from syncd.outgoing import PUBLIC_ONLY, Outgoing
from syncd.store.cases import Cases
from syncd.store.database import Database

from . import casedesk, events_api
from .alerts import Alerts
from .builtin import BuiltinCases
from .casedesk import CaseDesk
from .events_api import ServiceEvents
from .http import Bearer, Http
from .pagerduty import client
from .pagerduty.incident import Incidents
from .port import System
from .toll import FREE, Toll


@dataclass(frozen=True, slots=True)
class Account:
    """An integration with its credentials unsealed; they appear in no repr."""

    slug: str
    system: str
    side: Side
    base_url: str = ""
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    settings: Mapping[str, object] = field(default_factory=dict)
    outgoing: Outgoing = PUBLIC_ONLY  # what the site lets its requests go to
    others: Iterable[str] = field(default=(), repr=False)  # secrets of other accounts, for what its answers quote
    bearer: Bearer | None = field(default=None, repr=False)  # of one that is connected by OAuth
    is_read_only: bool = False  # no write leaves us

    def setting(self, name: str) -> str:
        value = self.settings.get(name)
        return value if isinstance(value, str) else ""


Factory = Callable[[Account, Database, Clock, Toll], System]


def build(account: Account, database: Database, clock: Clock, toll: Toll = FREE) -> System:
    factory = SYSTEMS.get(account.system)
    if factory is None:
        known = ", ".join(sorted(SYSTEMS))
        raise NotFound(f"There is no system called {account.system!r}; the systems are {known}.")
    system = factory(account, database, clock, toll)
    if system.side is not account.side:
        raise Misconfigured(
            f"{account.slug} cannot keep the {account.side} side: {account.system} keeps {system.side}s."
        )
    return system


def _pagerduty(account: Account, _database: Database, _clock: Clock, toll: Toll) -> System:
    """Settings: `from` (an e-mail address) and `from_user_id`; credential: `api_key`, unless it has a bearer."""
    who = account.setting("from_user_id"), account.setting("from")
    return Incidents(pagerduty_http(account, toll), *who, account.slug)


def pagerduty_http(account: Account, toll: Toll = FREE) -> Http:
    return client.http(
        account.bearer or account.credentials.get("api_key", ""),
        account.setting("from"),
        account.base_url,
        verify=account.setting("ca_file") or None,
        outgoing=account.outgoing,
        others=account.others,
        toll=toll,
        is_read_only=account.is_read_only,
    )


def _casedesk(account: Account, _database: Database, _clock: Clock, _toll: Toll) -> System:
    """Setting: `account`, the name our writes are made under; credential: `token`."""
    token = account.credentials.get("token", "")
    verify = account.setting("ca_file") or None
    http = casedesk.http(account.base_url, token, verify=verify, outgoing=account.outgoing, others=account.others)
    return CaseDesk(http, account.setting("account") or "syncd")


def _alerts(_account: Account, _database: Database, _clock: Clock, _toll: Toll) -> System:
    return Alerts()


def _events(account: Account, _database: Database, _clock: Clock, toll: Toll) -> System:
    """Credential: `routing_key`, the integration key of one service."""
    key, verify = account.credentials.get("routing_key", ""), account.setting("ca_file") or None
    http = events_api.http(
        key, account.base_url, verify=verify, outgoing=account.outgoing, others=account.others, toll=toll
    )
    return ServiceEvents(http, key)


def _cases(account: Account, database: Database, _clock: Clock, _toll: Toll) -> System:
    return BuiltinCases(Cases(database, site=account.base_url, slug=account.slug))


SYSTEMS: Mapping[str, Factory] = {
    "pagerduty": _pagerduty,
    "casedesk": _casedesk,
    "cases": _cases,
    "events": _events,
    "alerts": _alerts,
}
