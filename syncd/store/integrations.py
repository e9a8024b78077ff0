"""Accounts, and the secrets of their hooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, or_, select, update

from syncd.core.changes import Side
from syncd.core.gap import Gap
from syncd.core.lifecycle import IntegrationState

from . import connectors
from .columns import storable
from .database import Tx
from .tables_of_accounts import hook_secrets, integrations

EVENTS = "events"  # the system of a service key, whose account is made together with its connector
ALERTS = "alerts"  # the system of alerts: what is sent to a service key without a case
SENT_ONLY = frozenset({EVENTS, ALERTS})

EVIDENCE = "evidence"  # a setting: true where evidence is collected
KEY_SINCE = "key_since"  # a setting: since when its credential is the one it is
CHOSEN_SENDER = "chosen_sender"  # a setting: whom our writes are to be made as wherever the key leaves it to us
IN_USE = "in_use"  # a setting: which credential this is, by its last four characters
ACT_AS = "act_as"  # a setting, with the words for on and off
PERSON, SELF = "person", "self"
EVIDENCE = "evidence"  # a setting: whether evidence is collected from it

_KINDS = {
    "pagerduty": "PagerDuty account",
    "casedesk": "case system",
    "cases": "built in",
    EVENTS: "service key of a connector",
    ALERTS: "built in",
}


@dataclass(frozen=True, slots=True)
class Integration:
    slug: str
    system: str
    side: Side
    base_url: str
    settings: Mapping[str, Any]
    sealed: bytes | None
    state: IntegrationState
    code: str
    reason: str
    since: datetime
    failures: int
    probe_at: datetime | None
    paused_at: datetime | None = None
    paused_by: str = ""
    pause_reason: str = ""
    observed_at: datetime | None = None
    observed_by: str = ""
    created_at: datetime | None = None
    gap: Gap | None = None
    account_host: str = ""
    is_two_way: bool = True
    is_read_only: bool = False
    consented_at: datetime | None = None
    consented_by: str = ""
    one_way_since: datetime | None = None
    two_way_since: datetime | None = None
    two_way_decided: int = 0

    @property
    def is_far(self) -> bool:
        """The built-in cases are not: they have no credential, and are lost and restored together with all else."""
        return self.sealed is not None

    @property
    def can_be_read(self) -> bool:
        """False where all that is known is what was sent, or was sent here: nothing is looked over, polled or compared."""
        return self.system not in SENT_ONLY

    @property
    def called(self) -> str:
        """What it is, for people."""
        return _KINDS.get(self.system, self.system)

    @property
    def is_unwritten(self) -> bool:
        """It is read, and nothing is written there: by a person's order, or because its key was given for reading."""
        return self.is_observed or self.is_read_only

    @property
    def is_unread(self) -> bool:
        """A backup was restored, and what has changed there since it was made is still to be read."""
        return self.gap is not None and not self.gap.is_read

    @property
    def in_use(self) -> str:
        """Which credential, for people; empty of one that an earlier release stored, until it is tested or replaced."""
        return str(self.settings.get(IN_USE, ""))

    @property
    def writes_as(self) -> str:
        """The address of the user whose name stands on our writes; empty where there is none."""
        return str(self.settings.get("from", ""))

    @property
    def chosen_sender(self) -> str:
        """The address that a person has chosen for our writes, also while a key writes as its owner. An earlier release kept it only as
        whom writes were made as; of a person's token that is nobody's choice.
        """
        kept = self.settings.get(CHOSEN_SENDER)
        if kept is not None:
            return str(kept)
        return "" if self.is_by_oauth and self.settings.get("auth") != "app" else self.writes_as

    @property
    def is_by_oauth(self) -> bool:
        """How it is connected: somebody agreed, or an application signed in, and nobody can give it a key in place of that."""
        return self.settings.get("auth", "key") not in {"key", ""}

    @property
    def acts_as_person(self) -> bool:
        """What a person changed is written in that person's name. Of an OAuth token and a personal key PagerDuty takes no name."""
        return self.settings.get(ACT_AS) == PERSON and not self.is_by_oauth

    @property
    def has_acted(self) -> bool:
        """Now or before, so that what was written in somebody's name may still be heard of."""
        return ACT_AS in self.settings

    @property
    def gives_evidence(self) -> bool:
        """It is collected from: what it says of its services, schedules, people and incidents is kept."""
        return self.system == "pagerduty" and self.settings.get(EVIDENCE) is True

    @property
    def is_connected(self) -> bool:
        return self.state is IntegrationState.CONNECTED

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None

    @property
    def is_observed(self) -> bool:
        return self.observed_at is not None

    @property
    def why_paused(self) -> str:
        return f"Integration {self.slug} is paused by {self.paused_by}: {self.pause_reason}"


@dataclass(frozen=True, slots=True)
class Agreed:
    """On what somebody consented to an account's data being processed."""

    by: str
    is_two_way: bool
    is_read_only: bool


def add(
    tx: Tx,
    *,
    slug: str,
    system: str,
    side: Side,
    base_url: str,
    settings: Mapping[str, Any],
    sealed: bytes | None,
    now: datetime,
) -> None:
    tx.execute(
        insert(integrations).values(
            slug=slug,
            system=system,
            side=side,
            base_url=base_url,
            settings=dict(settings),
            sealed=sealed,
            state=IntegrationState.CONNECTED,
            since=now,
            created_at=now,
        )
    )


def all_of(tx: Tx) -> dict[str, Integration]:
    return {row.slug: _integration(row) for row in tx.execute(select(integrations).order_by(integrations.c.slug))}


def get(tx: Tx, slug: str) -> Integration | None:
    row = tx.execute(select(integrations).where(integrations.c.slug == slug)).one_or_none()
    return None if row is None else _integration(row)


def lock(tx: Tx, slug: str) -> Integration | None:
    """Until the end of this transaction nobody else changes it."""
    row = tx.execute(select(integrations).where(integrations.c.slug == slug).with_for_update()).one_or_none()
    return None if row is None else _integration(row)


def pause(tx: Tx, slug: str, *, by: str, why: str, at: datetime) -> None:
    values = {"paused_at": at, "paused_by": storable(by), "pause_reason": storable(why)}
    tx.execute(update(integrations).where(integrations.c.slug == slug).values(**values))


def resume(tx: Tx, slug: str) -> None:
    values = {"paused_at": None, "paused_by": "", "pause_reason": ""}
    tx.execute(update(integrations).where(integrations.c.slug == slug).values(**values))


def observe(tx: Tx, slug: str, *, by: str, at: datetime | None) -> None:
    """From now on, or with no moment: no longer."""
    values = {"observed_at": at, "observed_by": storable(by)}
    tx.execute(update(integrations).where(integrations.c.slug == slug).values(**values))


def configure(tx: Tx, slug: str, settings: Mapping[str, Any]) -> None:
    tx.execute(update(integrations).where(integrations.c.slug == slug).values(settings=dict(settings)))


def reseal(tx: Tx, slug: str, sealed: bytes, settings: Mapping[str, Any]) -> None:
    tx.execute(update(integrations).where(integrations.c.slug == slug).values(sealed=sealed, settings=dict(settings)))


def agree(tx: Tx, slug: str, agreed: Agreed, now: datetime) -> None:
    values = {"is_two_way": agreed.is_two_way, "is_read_only": agreed.is_read_only}
    consent = {"consented_at": now, "consented_by": storable(agreed.by)}
    tx.execute(update(integrations).where(integrations.c.slug == slug).values(**values, **consent))


def read_only(tx: Tx, slug: str, *, is_on: bool) -> None:
    tx.execute(update(integrations).where(integrations.c.slug == slug).values(is_read_only=is_on))


def sync_ways(tx: Tx, slug: str, *, one_way_since: datetime, two_way_since: datetime | None) -> None:
    """Both again since then, or without a moment: one."""
    values = {"is_two_way": two_way_since is not None, "two_way_decided": 0}
    moments = {"one_way_since": one_way_since, "two_way_since": two_way_since}
    tx.execute(update(integrations).where(integrations.c.slug == slug).values(**values, **moments))


def decided_up_to(tx: Tx, slug: str, link_id: int) -> None:
    """What the time of one way has left of the links so far."""
    tx.execute(update(integrations).where(integrations.c.slug == slug).values(two_way_decided=link_id))


def in_step(tx: Tx, slug: str) -> None:
    """Nothing is left of the time of one way."""
    values = {"one_way_since": None, "two_way_since": None, "two_way_decided": 0}
    tx.execute(update(integrations).where(integrations.c.slug == slug).values(**values))


def learn_host(tx: Tx, slug: str, account_host: str) -> None:
    """Which account this is: of one that an earlier release added, or that was moved."""
    tx.execute(update(integrations).where(integrations.c.slug == slug).values(account_host=account_host))


def begin_anew(tx: Tx, slug: str, account_host: str, base_url: str, now: datetime) -> None:
    """As another account. What was read, restored or missed of the one before says nothing of it; it is asked at once."""
    read = {"listed_until": now, "read_until": now, "gap_since": None, "gap_until": None, "gap_read_at": None}
    ways = {"one_way_since": None, "two_way_since": None, "two_way_decided": 0}
    values = {"account_host": account_host, "base_url": base_url, "probe_at": now, "rests_until": None, "failures": 0}
    tx.execute(update(integrations).where(integrations.c.slug == slug).values(**values, **read, **ways))


def move(tx: Tx, slug: str, base_url: str) -> None:
    tx.execute(update(integrations).where(integrations.c.slug == slug).values(base_url=base_url))


def disconnect(tx: Tx, slug: str, *, code: str, reason: str, now: datetime, probe_at: datetime) -> bool:
    """False when it was disconnected already, and for the same; and while it is paused, for then nobody asks it."""
    is_news = or_(integrations.c.state == IntegrationState.CONNECTED, integrations.c.code != code)
    statement = (
        update(integrations)
        .where(integrations.c.slug == slug, is_news, integrations.c.paused_at.is_(None))
        .values(state=IntegrationState.DISCONNECTED, code=code, reason=reason, since=now, probe_at=probe_at)
    )
    return tx.execute(statement).rowcount == 1


def connect(tx: Tx, slug: str, now: datetime) -> None:
    tx.execute(
        update(integrations)
        .where(integrations.c.slug == slug)
        .values(state=IntegrationState.CONNECTED, code="", reason="", since=now, failures=0, probe_at=None)
    )


def count_failures(tx: Tx, slug: str, count: int, *, probe_from: int, probe_at: datetime) -> None:
    """Connections were not made. From so many in a row on, a probe is due besides everybody's own tries."""
    failures = integrations.c.failures + count
    tx.execute(update(integrations).where(integrations.c.slug == slug).values(failures=failures))
    tx.execute(
        update(integrations)
        .where(integrations.c.slug == slug, integrations.c.failures >= probe_from, integrations.c.probe_at.is_(None))
        .values(probe_at=probe_at)
    )


def forget_failures(tx: Tx, slug: str) -> None:
    tx.execute(
        update(integrations)
        .where(integrations.c.slug == slug, integrations.c.state == IntegrationState.CONNECTED)
        .values(failures=0, probe_at=None)
    )


def take_probe(tx: Tx, now: datetime, next_at: datetime) -> Integration | None:
    """One account whose probe is due; nobody else takes the same one before `next_at`."""
    row = tx.execute(
        select(integrations)
        .where(integrations.c.probe_at <= now, integrations.c.paused_at.is_(None))
        .order_by(integrations.c.probe_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row is None:
        return None
    tx.execute(update(integrations).where(integrations.c.slug == row.slug).values(probe_at=next_at))
    return _integration(row)


def probe_later(tx: Tx, slug: str, at: datetime) -> None:
    tx.execute(update(integrations).where(integrations.c.slug == slug).values(probe_at=at))


def add_hook_secret(tx: Tx, slug: str, sealed: bytes, subscription: str, now: datetime) -> None:
    tx.execute(insert(hook_secrets).values(integration=slug, sealed=sealed, subscription=subscription, created_at=now))


def hook_secrets_of(tx: Tx, slug: str) -> list[bytes]:
    statement = select(hook_secrets.c.sealed).where(hook_secrets.c.integration == slug).order_by(hook_secrets.c.id)
    return list(tx.scalars(statement))


def lock_if_polled(tx: Tx, slug: str) -> bool:
    """As every account that a connector uses is until it has a secret. Of two who add one only one may find that it is the first."""
    return lock(tx, slug) is not None and bool(connectors.using(tx, slug)) and not hook_secrets_of(tx, slug)


def without_hook_secret(tx: Tx) -> set[str]:
    statement = select(integrations.c.slug).where(integrations.c.slug.not_in(select(hook_secrets.c.integration)))
    return set(tx.scalars(statement))


def sealed_values(tx: Tx) -> list[bytes]:
    """Everything the vault has sealed, to check that its keys can open it."""
    of_accounts = tx.scalars(select(integrations.c.sealed).where(integrations.c.sealed.is_not(None)))
    return [*(one for one in of_accounts if one is not None), *tx.scalars(select(hook_secrets.c.sealed))]


def _integration(row: Row[*tuple[Any, ...]]) -> Integration:
    return Integration(
        row.slug,
        row.system,
        Side(row.side),
        row.base_url,
        row.settings,
        row.sealed,
        IntegrationState(row.state),
        row.code,
        row.reason,
        row.since,
        row.failures,
        row.probe_at,
        row.paused_at,
        row.paused_by,
        row.pause_reason,
        row.observed_at,
        row.observed_by,
        row.created_at,
        _gap(row),
        row.account_host,
        row.is_two_way,
        row.is_read_only,
        row.consented_at,
        row.consented_by,
        row.one_way_since,
        row.two_way_since,
        row.two_way_decided,
    )


def _gap(row: Row[*tuple[Any, ...]]) -> Gap | None:
    return None if row.gap_since is None else Gap(row.gap_since, row.gap_until, row.gap_read_at is not None)
