"""The OAuth token an account is used with now. It is renewed a little before its end, once, however many threads and processes
ask for it: a lease in the database says who does, and the new refresh token is stored in the transaction that takes the old away.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from syncd.clock import Clock
from syncd.core.connection import Kind as Happened
from syncd.errors import GrantRefused, Misconfigured, SideError, Unauthorised, Unavailable, Unreachable, cause_of
from syncd.outgoing import PUBLIC_ONLY, Outgoing
from syncd.store import connection_log, integrations, renewals
from syncd.store.database import Database, Tx
from syncd.store.integrations import Integration
from syncd.systems.pagerduty import oauth
from syncd.systems.pagerduty.oauth import Given, Kind, Purpose
from syncd.systems.trip import Trip

from . import narrowing
from .grant import YOUNG, Grant, grant_of
from .vault import Vault

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=30)  # a renewal never takes so long; who is killed in it holds the others up for no longer
RESTS = 10.0  # seconds after one came to nothing, for this process
_POLLS, _POLL_S = 50, 0.1  # for somebody else's, where the old token cannot be used any more
_KEY_REFUSED = "PAG-100-B"


@dataclass(frozen=True, slots=True)
class _Seen:
    """The account as it is stored now, and until when its token is ours to renew."""

    it: Integration
    grant: Grant
    now: datetime
    lease: datetime | None


@dataclass(frozen=True, slots=True)
class _Bearer:
    tokens: Tokens
    slug: str

    def token(self, trip: Trip) -> str:
        return self.tokens.token(self.slug, trip)

    def refused(self, token: str) -> None:
        self.tokens.refused(self.slug, token)


class Tokens:
    """One per process, made after the fork, shared by its threads."""

    def __init__(
        self,
        db: Database,
        vault: Vault,
        clock: Clock,
        outgoing: Outgoing = PUBLIC_ONLY,
        *,
        hide: Callable[[Grant], None] = lambda _: None,
        rest: Callable[[float], None] = time.sleep,
    ) -> None:
        """`hide` is told of every grant before it is used."""
        self._db, self._vault, self._clock, self._outgoing = db, vault, clock, outgoing
        self._hide, self._rest = hide, rest
        self._held: dict[str, Grant] = {}
        self._refused: dict[str, str] = {}  # tokens that the far side did not take
        self._resting: dict[str, tuple[float, SideError]] = {}
        self._unsaved: dict[str, tuple[_Seen, Grant]] = {}
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def of(self, slug: str) -> _Bearer:
        return _Bearer(self, slug)

    def learn(self, slug: str, grant: Grant) -> None:
        """As it was just read: another process may have renewed it."""
        if slug not in self._unsaved:
            self._hold(slug, grant)

    def refused(self, slug: str, token: str) -> None:
        self._refused[slug] = token

    def token(self, slug: str, trip: Trip) -> str:
        held = self._held.get(slug)
        if held is not None and slug not in self._unsaved and self._will_do(slug, held):
            return held.access
        lock = self._locks[slug]
        if not lock.acquire(timeout=max(trip.left(), 0.001)):
            raise _somebody_else(slug)
        try:
            return self._current(slug, trip).access
        except (
            Unavailable,
            Misconfigured,
        ) as error:  # Nothing has begun over there: it is as if it could not be reached.
            raise Unreachable(
                f"The OAuth token of {slug} cannot be read ({cause_of(str(error))}); it is tried again."
            ) from error
        finally:
            lock.release()

    def _will_do(self, slug: str, held: Grant) -> bool:
        now = self._clock.now()
        can_be_no_other = held.is_over or self._is_resting(slug)
        return self._is_fresh(slug, held, now) or (can_be_no_other and self._is_usable(slug, held, now))

    def _current(self, slug: str, trip: Trip) -> Grant:
        if slug in self._unsaved:
            return self._kept(*self._unsaved.pop(slug))
        for _ in range(_POLLS):
            seen = self._look(slug)
            if seen.lease is not None:
                return self._renewed(seen, seen.lease, trip)
            if self._is_usable(slug, seen.grant, seen.now):
                return seen.grant
            self._refuse_without_hope(seen)
            self._rest(_POLL_S)
        raise _somebody_else(slug)

    def _look(self, slug: str) -> _Seen:
        """What another process has renewed is found here, before anybody is asked."""
        with self._db.write() as tx:
            it, grant = self._stored(tx, slug)
            now = self._db.now(tx)
            self._hold(slug, grant)
            may_wait = self._is_fresh(slug, grant, now) or grant.is_over or self._is_resting(slug)
            until = now + LEASE
            is_ours = not may_wait and renewals.take(tx, slug, now, until)
            return _Seen(it, grant, now, until if is_ours else None)

    def _renewed(self, seen: _Seen, lease: datetime, trip: Trip) -> Grant:
        try:
            given = self._asked(seen, trip)
        except GrantRefused as error:
            kept = self._end(seen, error)
            if not _is_same(kept, seen.grant.ended()):
                return kept  # Somebody has agreed anew meanwhile: what was refused is used no more.
            if self._is_usable(seen.it.slug, seen.grant, seen.now):
                return seen.grant.ended()
            raise _over(seen.it.slug, error) from error
        except SideError as error:
            kept = self._give_up(seen, lease, error)
            if not _is_same(kept, seen.grant):
                return kept
            if self._is_usable(seen.it.slug, seen.grant, seen.now):
                return seen.grant
            raise _not_renewed(seen.it.slug, error) from error
        return self._kept(seen, seen.grant.renewed(given, seen.now))

    def _asked(self, seen: _Seen, trip: Trip) -> Given:
        """A journey of its own, so that rows of changes tell of changes."""
        grant, settings = seen.grant, seen.it.settings
        http = oauth.sign_in(
            settings["identity"],
            (grant.client.secret, grant.refresh, grant.access),
            verify=settings.get("ca_file") or None,
            outgoing=self._outgoing,
        )
        own = Trip(f"{trip.label}.oauth", trip.monotonic, trip.deadline)
        try:
            if grant.client.kind is Kind.APP:
                scopes = grant.client.kind.asks(Purpose(seen.it.is_read_only, seen.it.gives_evidence))
                return oauth.own(http, own, grant.client, grant.account, scopes)
            return oauth.refreshed(http, own, grant.client, grant.refresh)
        finally:
            http.close()

    def _kept(self, seen: _Seen, new: Grant) -> Grant:
        """Where the database or its key is away it is used from memory: thrown away, it could never be had again."""
        self._hold(seen.it.slug, new)
        try:
            return self._stored_instead(seen, new)
        except (Unavailable, Misconfigured) as error:
            self._unsaved[seen.it.slug] = (seen, new)
            log.warning("oauth.not_stored", integration=seen.it.slug, error=str(error))
            return new

    def _stored_instead(self, seen: _Seen, new: Grant, why_over: str = "") -> Grant:
        slug = seen.it.slug
        with self._db.write() as tx:
            it, there = self._stored(tx, slug)
            if not _is_same(there, seen.grant):
                new = there  # Somebody has connected it anew meanwhile.
            else:
                sealed = self._vault.seal(f"integration:{slug}", new.credentials())
                integrations.reseal(tx, slug, sealed, it.settings)
                narrowing.note(tx, slug, seen.grant, new, self._db.now(tx), is_read_only=it.is_read_only)
                if why_over:
                    kind = Happened.ERRORED
                    connection_log.add(tx, slug, kind, now=seen.now, code=_KEY_REFUSED, detail=why_over)
            if seen.lease is not None:
                renewals.end(tx, slug, seen.lease)
        self._hold(slug, new)
        log.info("oauth.renewed", integration=slug, until=new.expires_at.isoformat())
        return new

    def _end(self, seen: _Seen, error: GrantRefused) -> Grant:
        """The refresh token is taken away, so that nobody asks with it again. What is kept now."""
        slug, ended, told = seen.it.slug, seen.grant.ended(), str(error)
        kept = self._stored_instead(seen, ended, told)
        if kept is ended:
            log.error("oauth.over", integration=slug, error=told)
        return kept

    def _give_up(self, seen: _Seen, lease: datetime, error: SideError) -> Grant:
        """What is kept now."""
        slug = seen.it.slug
        with self._db.write() as tx:
            _, kept = self._stored(tx, slug)
            renewals.end(tx, slug, lease)
        self._hold(slug, kept)
        if _is_same(kept, seen.grant):
            self._resting[slug] = (self._clock.monotonic() + RESTS, error)
            log.warning("oauth.not_renewed", integration=slug, error=str(error))
        return kept

    def _refuse_without_hope(self, seen: _Seen) -> None:
        slug = seen.it.slug
        if seen.grant.is_over:
            raise _over(slug)
        if self._is_resting(slug):
            error = self._resting[slug][1]
            raise _not_renewed(slug, error) from error

    def _is_fresh(self, slug: str, grant: Grant, now: datetime) -> bool:
        return now < grant.renew_at and self._is_usable(slug, grant, now)

    def _is_usable(self, slug: str, grant: Grant, now: datetime) -> bool:
        """One that was refused is not, unless it is so new that another would be refused as well."""
        is_taken = self._refused.get(slug) != grant.access or now - grant.obtained_at < YOUNG
        return now < grant.expires_at and is_taken

    def _is_resting(self, slug: str) -> bool:
        until, _ = self._resting.get(slug, (0.0, None))
        return self._clock.monotonic() < until

    def _stored(self, tx: Tx, slug: str) -> tuple[Integration, Grant]:
        it = integrations.lock(tx, slug)
        sealed = None if it is None else it.sealed
        grant = None if sealed is None else grant_of(self._vault.unseal(f"integration:{slug}", sealed))
        if it is None or grant is None:
            raise Unreachable(f"{slug} is not connected by OAuth any more; it is tried again.")
        return it, grant

    def _hold(self, slug: str, grant: Grant) -> None:
        if self._held.get(slug) != grant:
            self._hide(grant)
            self._held[slug] = grant


def _is_same(one: Grant, other: Grant) -> bool:
    return (one.access, one.refresh) == (other.access, other.refresh)


def _somebody_else(slug: str) -> SideError:
    return Unreachable(f"The OAuth token of {slug} is being renewed by another process; it is tried again.")


def _over(slug: str, error: SideError | None = None) -> SideError:
    why = f" ({cause_of(str(error))})" if error is not None else ""
    return GrantRefused(
        f"PagerDuty takes neither the OAuth token of {slug} nor its refresh token any more{why}; "
        f"somebody has to agree again: `syncd integrations authorise {slug}`."
    )


def _not_renewed(slug: str, error: SideError) -> SideError:
    """Nothing of what was to be done has begun, whatever became of the renewal."""
    told = f"The OAuth token of {slug} could not be renewed ({cause_of(str(error))})"
    if isinstance(error, Unauthorised):
        return Unauthorised(
            f"{told}; give the right client by `syncd integrations authorise {slug}`.", status=error.status
        )
    return Unreachable(f"{told}; it is tried again.")
