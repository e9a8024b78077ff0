"""What setting up works with: the database, the vault, the clock, and who may be asked."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from syncd.clock import Clock
from syncd.connections import in_use, key_age
from syncd.connections.grant import grant_of
from syncd.connections.known import of_vault
from syncd.connections.tokens import Tokens
from syncd.connections.tolls import Tolls
from syncd.connections.vault import Vault
from syncd.core.changes import Side
from syncd.core.connection import Kind
from syncd.credential import unkeyed
from syncd.errors import (
    Ambiguous,
    Conflict,
    Misconfigured,
    NotFound,
    OffLimits,
    RateLimited,
    ReadOnly,
    SameAccount,
    Unauthorised,
    Unavailable,
    Unreachable,
    cause_of,
    in_seconds,
)
from syncd.outgoing import PUBLIC_ONLY, Outgoing
from syncd.store import connection_log, integrations, keyring
from syncd.store.database import Database, Tx
from syncd.store.evidence import leaving
from syncd.store.integrations import Integration
from syncd.systems.http import Bearer, Http
from syncd.systems.pagerduty import client
from syncd.systems.toll import FREE, Purpose
from syncd.systems.trip import Trip

from .terms import Joined

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_SETUP_SECONDS = 30.0
#: What to check when a credential is refused: only who adds an account says where it is.
WHERE_IS_GIVEN = "the credential, and that --where names the region or address it belongs to"
_IS_OF_THIS_ACCOUNT = "that the credential is one of this account, and that nobody has withdrawn it there"


@dataclass(frozen=True, slots=True)
class Setup:
    db: Database
    vault: Vault
    clock: Clock
    outgoing: Outgoing = PUBLIC_ONLY
    tolls: Tolls = field(default_factory=Tolls)
    until: float = math.inf  # of the clock's monotonic: whoever asks over HTTP does not wait for ever

    def trip(self, label: str) -> Trip:
        return Trip.begin(label, self.clock.monotonic, min(_SETUP_SECONDS, self.left()), purpose=Purpose.RECONCILE)

    def left(self) -> float:
        """Raises when the time is over: what is done stands, and a second run goes on from there."""
        left = self.until - self.clock.monotonic()
        if left <= 0:
            raise Unavailable(
                "This took longer than one request may, and was left where it is; ask for it again to go on."
            )
        return left

    def refuse_taken(self, slug: str) -> None:
        """Before anybody is asked for anything, a person for a secret included."""
        with self.db.read() as tx:
            refuse_taken(tx, named(slug))

    def store(
        self,
        slug: str,
        *,
        system: str,
        side: Side,
        base_url: str,
        settings: Mapping[str, str],
        credentials: Mapping[str, str],
        joined: Joined,
    ) -> None:
        sealed = self.vault.seal(f"integration:{slug}", credentials)
        with self.db.write() as tx:
            # The check took its time, and somebody else may have taken the name or the account meanwhile.
            keyring.hold(tx)
            refuse_taken(tx, slug)
            refuse_same_account(tx, slug, joined.account_host)
            now = self.db.now(tx)
            integrations.add(
                tx,
                slug=slug,
                system=system,
                side=side,
                base_url=base_url,
                settings={**settings, **in_use.setting(credentials), **key_age.stored(now)},
                sealed=sealed,
                now=now,
            )
            if joined.terms is not None:
                integrations.agree(tx, slug, joined.agreed, now)
            integrations.learn_host(tx, slug, joined.account_host)
            leaving.take_back(tx, slug, joined.account_host)
            connection_log.add(tx, slug, Kind.CONNECTED, now=now, by=joined.by, detail=joined.detail)

    def learn(self, it: Integration, account_host: str) -> None:
        """An account that an earlier release added has not told yet which one it is."""
        if account_host and not it.account_host:
            with self.db.write() as tx:
                integrations.learn_host(tx, it.slug, account_host)

    def integration(self, slug: str) -> Integration:
        with self.db.read() as tx:
            return existing(tx, slug)

    def pagerduty(self, slug: str) -> Http:
        integration = self.integration(slug)
        if integration.system != "pagerduty":
            raise Conflict(f"{slug} is not a PagerDuty account; `syncd integrations list` shows those there are.")
        settings = integration.settings
        return client.http(
            self.credential(integration),
            settings["from"],
            integration.base_url,
            verify=settings.get("ca_file") or None,
            outgoing=self.outgoing,
            others=self.secrets(),
            is_read_only=integration.is_read_only,
            toll=self.tolls.of(slug, integration.system),
        )

    def credential(self, integration: Integration) -> str | Bearer:
        """A PagerDuty account's key, or who hands out its OAuth tokens."""
        credentials = self.credentials(integration)
        if grant_of(credentials) is None:
            return credentials["api_key"]
        return Tokens(self.db, self.vault, self.clock, self.outgoing).of(integration.slug)

    def http(self, credential: str | Bearer, email: str, where: str, ca_file: str, *, pays_as: str = "") -> Http:
        """Before an account is joined: whether it may be written to is still to be asked. `pays_as`: what it is to be called."""
        toll = self.tolls.of(pays_as, "pagerduty") if pays_as else FREE
        verify, others = ca_file or None, self.secrets()
        return client.http(credential, email, where, verify=verify, outgoing=self.outgoing, others=others, toll=toll)

    def secrets(self) -> Collection[str]:
        """Whatever is sealed here: a far side that refuses something may quote what was pasted into it by mistake."""
        return of_vault(self.db, self.vault)[0]

    def credentials(self, integration: Integration) -> Mapping[str, str]:
        if integration.sealed is None:
            raise Misconfigured(f"{integration.slug} has no credential; `syncd integrations rotate` gives it one.")
        return self.vault.unseal(f"integration:{integration.slug}", integration.sealed)


def named(slug: str) -> str:
    """A name that can stand in an address."""
    slug = slug.strip()
    if not _SLUG.fullmatch(slug):
        raise Misconfigured(f"{unkeyed(slug)!r} cannot be a name; use small letters, digits and hyphens, at most 63.")
    return slug


@contextmanager
def talking(check: str = _IS_OF_THIS_ACCOUNT) -> Iterator[None]:
    """In a setup nothing is tried again by itself, and somebody who cannot be reached is no fault of the settings."""
    try:
        yield
    except (OffLimits, ReadOnly) as error:
        raise Misconfigured(str(error)) from error
    except Unauthorised as error:
        raise Misconfigured(f"{cause_of(str(error))}; check {check}.") from error
    except RateLimited as error:
        raise Unavailable(f"{cause_of(str(error))}; try again in {in_seconds(error)}.") from error
    except (Unreachable, Ambiguous) as error:
        raise Unavailable(f"{cause_of(str(error))}; check the address and the network, and try again.") from error


def existing(tx: Tx, slug: str) -> Integration:
    there = integrations.get(tx, slug)
    if there is None:
        raise NotFound(f"There is no integration called {slug}; `syncd integrations list` shows those there are.")
    return there


def refuse_taken(tx: Tx, slug: str) -> None:
    if integrations.get(tx, slug) is not None:
        raise Conflict(
            f"There is an integration called {slug} already; give it another credential by `syncd integrations rotate {slug}`, "
            "or choose another name for this one."
        )


def refuse_same_account(tx: Tx, slug: str, account_host: str) -> None:
    """Two integrations of one account would hear, and carry over, every change twice, wherever each of them asks."""
    for other in integrations.all_of(tx).values():
        if account_host and other.account_host == account_host and other.slug != slug:
            raise SameAccount(
                f"{account_host} is connected already, as {other.slug}; use that one, or remove it first: "
                f"`syncd integrations remove {other.slug}`.",
                host=account_host,
                other=other.slug,
            )


def absolute(file: str) -> str:
    """The workers stand in another folder than whoever sets them up."""
    return str(Path(file).expanduser().absolute()) if file else ""
