"""From a stored account to a system that can talk, and to the door its hooks come in by."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from syncd.clock import Clock
from syncd.core.changes import Side
from syncd.errors import Misconfigured, NoSecret, NotFound
from syncd.outgoing import PUBLIC_ONLY, Outgoing
from syncd.store import hook_secrets, integrations, sealed
from syncd.store.database import Database, Tx
from syncd.store.integrations import Integration
from syncd.systems import redact
from syncd.systems.builtin import BuiltinCases
from syncd.systems.http import Http
from syncd.systems.port import System
from syncd.systems.registry import Account, build, pagerduty_http
from syncd.systems.toll import Toll

from .grant import grant_of, lasting
from .secrecy import secrets_of
from .tokens import Tokens
from .tolls import Tolls
from .vault import Vault

DOOR_SECONDS = 5.0  # how long a door's secrets are believed without asking the database again


@dataclass(frozen=True, slots=True)
class Door:
    slug: str
    side: Side
    system: System
    secrets: tuple[str, ...]
    secret_ids: tuple[int, ...] = ()  # in the same order
    subscriptions: tuple[str, ...] = ()  # as far as they are known: of those that syncd made


@dataclass(frozen=True, slots=True)
class _Kept:
    door: Door
    until: float


class Connections:
    """One per process, made after the fork: it holds open HTTP clients."""

    def __init__(
        self,
        db: Database,
        vault: Vault,
        clock: Clock,
        tolls: Tolls | None = None,
        outgoing: Outgoing = PUBLIC_ONLY,
    ) -> None:
        self._db, self.vault, self._clock, self.tolls = db, vault, clock, tolls or Tolls()
        self.outgoing = outgoing
        self.tokens = Tokens(db, vault, clock, outgoing, hide=lambda grant: self._hide(grant.credentials()))
        self._systems: dict[str, tuple[tuple[bytes | None, str, Mapping[str, Any], bool], System]] = {}
        self._lasting: dict[str, Mapping[str, str]] = {}  # what of their credentials they were built with
        self._doors: dict[str, _Kept] = {}
        self._lock = threading.Lock()
        self._opened: set[bytes] = set()  # what is sealed, and known
        self._secrets: list[str] = []  # one list for good: whoever was given it sees what is added

    def know(self, accounts: Iterable[Integration]) -> None:
        """Their credentials are masked from now on, whichever account quotes them."""
        for one in accounts:
            if one.sealed is not None and one.sealed not in self._opened:
                self._opened.add(one.sealed)
                with suppress(Misconfigured):  # It cannot be opened, and whoever needs it says so.
                    self._hide(self._opened_of(one))

    def know_all(self, tx: Tx) -> None:
        """Whatever is sealed here, webhook secrets included: for whoever asks seldom, since it reads them all."""
        for value in (one for place in sealed.places() for one in sealed.values(tx, place)):
            if value.sealed not in self._opened:
                self._opened.add(value.sealed)
                with suppress(Misconfigured):  # As above.
                    self._hide(self.vault.unseal(value.purpose, value.sealed))

    def _hide(self, credentials: Mapping[str, str]) -> None:
        self._secrets += [one for one in secrets_of(credentials) if one not in self._secrets]

    def hide(self, kept: Mapping[str, Any]) -> Mapping[str, Any]:
        """The same without any credential that this process knows: people paste a key of one account into another."""
        return {name: redact.known(value, self._secrets) for name, value in kept.items()}

    def system(self, integration: Integration) -> System:
        """Built again when its credentials or settings have changed, but not for an OAuth token that was renewed."""
        slug = integration.slug
        with self._lock:
            kept = self._systems.get(slug)
            made_of = (integration.sealed, integration.base_url, integration.settings, integration.is_read_only)
            if kept is not None and kept[0] == made_of:
                return kept[1]
            account = self._account(integration)
            stays = kept is not None and kept[0][1:] == made_of[1:] and self._lasts(slug, account.credentials)
            built = (
                build(account, self._db, self._clock, self.toll(integration)) if kept is None or not stays else kept[1]
            )
            self._systems[slug], self._lasting[slug] = (made_of, built), lasting(account.credentials)
            return built

    def _lasts(self, slug: str, credentials: Mapping[str, str]) -> bool:
        return self._lasting.get(slug) == lasting(credentials)

    def pagerduty(self, integration: Integration) -> Http:
        """For what concerns the account as a whole; its requests are paid for like all others."""
        return pagerduty_http(self._account(integration), self.toll(integration))

    def pagerduty_apart(self, integration: Integration, limited_by: str) -> Http:
        """The same for requests that have a limit of their own besides, by its name; empty: they have none."""
        if not limited_by:
            return self.pagerduty(integration)
        toll = self.tolls.apart(integration.slug, integration.system, limited_by)
        return pagerduty_http(self._account(integration), toll)

    def toll(self, integration: Integration) -> Toll:
        return self.tolls.of(integration.slug, integration.system)

    def door(self, source: str) -> Door:
        kept = self._doors.get(source)
        if kept is not None and self._clock.monotonic() < kept.until:
            return kept.door
        return self.refresh(source)

    def refresh(self, source: str) -> Door:
        with self._db.read() as tx:
            integration = integrations.get(tx, source)
            kept = hook_secrets.listing(tx, source)
        if integration is None:
            self._doors.pop(source, None)
            message = f"There is no source called {source!r}; `syncd integrations list` shows those there are."
            raise NotFound(message)
        try:
            secrets = tuple(self.vault.unseal(f"hook:{source}", one.sealed)["secret"] for one in kept)
            system = self.system(integration)
        except Misconfigured as error:
            raise NoSecret(str(error)) from error
        if isinstance(system, BuiltinCases):
            raise NotFound("The built-in cases take no hooks: their changes are stored where they are made.")
        if not secrets:
            message = (
                f"Source {source!r} has no webhook secret yet; add one with `syncd integrations webhook {source}`."
            )
            raise NoSecret(message)
        subscriptions = tuple(one.subscription for one in kept if one.subscription)
        door = Door(source, integration.side, system, secrets, tuple(one.id for one in kept), subscriptions)
        self._doors[source] = _Kept(door, self._clock.monotonic() + DOOR_SECONDS)
        return door

    def _account(self, integration: Integration) -> Account:
        credentials = self._opened_of(integration)
        grant = grant_of(credentials)
        if grant is not None:
            self.tokens.learn(integration.slug, grant)
        return Account(
            slug=integration.slug,
            system=integration.system,
            side=integration.side,
            base_url=integration.base_url,
            credentials=credentials,
            settings=integration.settings,
            is_read_only=integration.is_read_only,
            outgoing=self.outgoing,
            others=self._secrets,
            bearer=None if grant is None else self.tokens.of(integration.slug),
        )

    def _opened_of(self, integration: Integration) -> Mapping[str, str]:
        if integration.sealed is None:
            return {}
        return self.vault.unseal(f"integration:{integration.slug}", integration.sealed)
