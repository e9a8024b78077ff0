"""What an account that is connected by OAuth is kept with, as one dict of strings among the sealed credentials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from syncd.systems.pagerduty.oauth import Client, Given, Kind

_EARLY = timedelta(minutes=10)  # a token is renewed so long before its end,
_EARLY_PART = 5  # or, one that lives less long, when a fifth of its time is left
YOUNG = timedelta(minutes=10)  # one so new that is refused is not replaced: another would be refused as well


@dataclass(frozen=True, slots=True)
class Grant:
    client: Client
    access: str = field(repr=False)
    refresh: str = field(repr=False)  # empty: an application asks anew, a person has to
    obtained_at: datetime
    expires_at: datetime
    scopes: tuple[str, ...] = ()
    account: str = ""  # of an application: us.acme

    @classmethod
    def begun(cls, client: Client, given: Given, now: datetime, account: str = "") -> Grant:
        return cls(
            client, given.access, given.refresh, now, now + timedelta(seconds=given.seconds), given.scopes, account
        )

    def renewed(self, given: Given, now: datetime) -> Grant:
        """A refresh token that no other was given for goes on, and so do scopes that nothing is said of (RFC 6749, 5.1)."""
        new = Grant.begun(self.client, given, now, self.account)
        return replace(new, refresh=new.refresh or self.refresh, scopes=new.scopes or self.scopes)

    def ended(self) -> Grant:
        """Its refresh token is not taken any more."""
        return replace(self, refresh="")

    @property
    def is_over(self) -> bool:
        """There is no other token to be had."""
        return not self.refresh and self.client.kind is not Kind.APP

    @property
    def renew_at(self) -> datetime:
        return self.expires_at - min(_EARLY, (self.expires_at - self.obtained_at) / _EARLY_PART)

    def credentials(self) -> dict[str, str]:
        return {
            "auth": str(self.client.kind),
            "client_id": self.client.id,
            "client_secret": self.client.secret,
            "account": self.account,
            "access_token": self.access,
            "refresh_token": self.refresh,
            "obtained_at": self.obtained_at.isoformat(),
            "expires_at": self.expires_at.isoformat(),
            "scope": " ".join(self.scopes),
        }


def grant_of(credentials: Mapping[str, str]) -> Grant | None:
    """None: they are a key or a token that never changes."""
    if credentials.get("auth", "key") == "key":
        return None
    return Grant(
        Client(Kind(credentials["auth"]), credentials["client_id"], credentials["client_secret"]),
        credentials["access_token"],
        credentials["refresh_token"],
        datetime.fromisoformat(credentials["obtained_at"]),
        datetime.fromisoformat(credentials["expires_at"]),
        tuple(credentials["scope"].split()),
        credentials["account"],
    )


def lasting(credentials: Mapping[str, str]) -> Mapping[str, str]:
    """What stays the same when a token is renewed."""
    grant = grant_of(credentials)
    if grant is None:
        return credentials
    return {"auth": str(grant.client.kind), "client_id": grant.client.id, "account": grant.account}
