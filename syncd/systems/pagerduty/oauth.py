"""PagerDuty's authorisation server: where a person is sent to agree, and how a code, a refresh token or an application's own
secret becomes an access token. It stores nothing and knows no account.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlencode

import httpx

from syncd.errors import GrantRefused, Misconfigured, Refused, SideError, Unauthorised
from syncd.outgoing import PUBLIC_ONLY, Outgoing
from syncd.systems import redact
from syncd.systems.answer import Answer, by_status
from syncd.systems.document import Json, pick, pick_name, pick_text
from syncd.systems.http import Http
from syncd.systems.trip import Trip

from .client import OWN_HOSTS

IDENTITY = "https://identity.pagerduty.com"
AUTHORIZE, TOKEN = "/oauth/authorize", "/oauth/token"
CODE_SECONDS = 30  # how long PagerDuty takes a code
NEEDED = (
    "abilities.read",
    "incidents.read",
    "incidents.write",
    "priorities.read",
    "services.read",
    "users.read",
    "webhook_subscriptions.read",
    "webhook_subscriptions.write",
)
#: What evidence is read with.
READ = (
    "abilities.read",
    "audit_records.read",
    "escalation_policies.read",
    "incidents.read",
    "licenses.read",
    "oncalls.read",
    "schedules.read",
    "services.read",
    "teams.read",
    "users.read",
)
#: Without these an account cannot be connected to be read; what else of READ is lacking is told by its check.
_LEAST = ("abilities.read", "services.read", "users.read")
_OPENID = "openid"
_DAY_S = 86_400
_LONGEST_S = 3 * 365 * _DAY_S
_NAME = "PagerDuty's sign-in"


@dataclass(frozen=True, slots=True)
class Purpose:
    """What an account is for, as far as scopes go."""

    is_read_only: bool = False  # then no scope to write is asked for
    has_evidence: bool = False


SYNC = Purpose()


class Kind(StrEnum):
    CLASSIC = "classic"  # a person's, to read or to write
    SCOPED = "scoped"  # a person's, for each resource
    APP = "app"  # an application's own: nobody has to agree, and no person's leaving ends it

    def asks(self, purpose: Purpose) -> tuple[str, ...]:
        """The scopes that are asked for."""
        if self is Kind.CLASSIC:
            return ("read",) if purpose.is_read_only else ("write",)
        if purpose.is_read_only:
            return READ
        return tuple(sorted({*NEEDED, *READ})) if purpose.has_evidence else NEEDED

    def lacks(self, granted: Collection[str], purpose: Purpose = SYNC) -> tuple[str, ...]:
        """What it cannot be connected without, and was not granted."""
        if self is Kind.CLASSIC and purpose.is_read_only:
            return () if {"read", "write"} & set(granted) else ("read",)
        least = self.asks(purpose) if self is Kind.CLASSIC else _LEAST if purpose.is_read_only else NEEDED
        return tuple(one for one in least if one not in granted)

    def unread(self, granted: Collection[str]) -> tuple[str, ...]:
        """Which scopes that evidence is read with were not granted. Of a grant that tells no scope nobody knows."""
        if not granted:
            return ()
        if self is Kind.CLASSIC:
            return self.lacks(granted, Purpose(is_read_only=True))
        return tuple(one for one in READ if one not in granted)


@dataclass(frozen=True, slots=True)
class Client:
    """The application as it is registered at PagerDuty."""

    kind: Kind
    id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Redemption:
    """A code that came back, and what proves that it was meant for us."""

    code: str = field(repr=False)
    redirect: str
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Given:
    access: str = field(repr=False)
    refresh: str = field(repr=False)  # empty: there is none
    seconds: int  # the access token lives
    scopes: tuple[str, ...]
    claims: Json = field(repr=False)  # of the id_token: whose it is


def identity_of(where: str) -> str:
    """An address that is none of PagerDuty's own regions answers for both."""
    return where if "/" in where else IDENTITY


def new_verifier() -> str:
    return secrets.token_urlsafe(48)


def authorisation_url(
    identity: str, client: Client, redirect: str, state: str, verifier: str, scopes: Sequence[str]
) -> str:
    """What a person opens to agree."""
    asked = {
        "response_type": "code",
        "client_id": client.id,
        "redirect_uri": redirect,
        "scope": " ".join((_OPENID, *scopes)),
        "state": state,
        "code_challenge": _challenge(verifier),
        "code_challenge_method": "S256",
    }
    return f"{identity.rstrip('/')}{AUTHORIZE}?{urlencode(asked)}"


def redeemed(http: Http, trip: Trip, client: Client, it: Redemption) -> Given:
    form = {"grant_type": "authorization_code", "code": it.code, "redirect_uri": it.redirect}
    return _asked(http, trip, client, {**form, "code_verifier": it.verifier})


def refreshed(http: Http, trip: Trip, client: Client, refresh: str) -> Given:
    """The refresh token is used up by it: another one comes with the answer."""
    return _asked(http, trip, client, {"grant_type": "refresh_token", "refresh_token": refresh})


def own(http: Http, trip: Trip, client: Client, account: str, scopes: Sequence[str]) -> Given:
    """`account`: like us.acme, its region and subdomain."""
    scope = " ".join((f"as_account-{account}", *scopes))
    return _asked(http, trip, client, {"grant_type": "client_credentials", "scope": scope})


def missing(kind: Kind, given: Given, purpose: Purpose = SYNC) -> Sequence[str]:
    """A wrong scope is no error at PagerDuty: the token comes back with less."""
    return kind.lacks(given.scopes, purpose)


def is_nothing(given: Given) -> bool:
    """Whoever asks for a scope, or for an account, that the application has not is told no more than that it is itself."""
    return set(given.scopes) <= {_OPENID}


def sign_in(
    identity: str,
    hidden: Sequence[str],
    *,
    verify: str | None = None,
    outgoing: Outgoing = PUBLIC_ONLY,
    transport: httpx.BaseTransport | None = None,
) -> Http:
    """`hidden`: what is sent and must stand in no row."""
    return Http(
        _NAME,
        identity,
        {"Accept": "application/json"},
        secrets=hidden,
        verify=verify,
        explain=explain,
        outgoing=outgoing.besides(OWN_HOSTS),
        transport=transport,
    )


def explain(answer: Answer) -> SideError:
    """The errors of RFC 6749 by their names; whatever else is said, the status decides."""
    error, said = pick_text(answer.json, "error"), pick_text(answer.json, "error_description")
    told = f"{_NAME} answered {answer.status} {error}" + (f": {redact.text(said[:200]).rstrip('.')}" if said else "")
    match error:
        case "invalid_grant":
            return GrantRefused(f"{told}; somebody has to agree again.", status=answer.status)
        case "invalid_client" | "unauthorized_client":
            cure = "check the client id, its secret and its kind in PagerDuty under Integrations, App Registration"
            return Unauthorised(f"{told}; {cure}.", status=answer.status)
        case "invalid_scope" | "unsupported_grant_type" | "invalid_request" | "access_denied":
            return Refused(f"{told}; give the application this right in PagerDuty.", status=answer.status)
        case _:
            return by_status(answer)


def denied(error: str) -> str:
    """Why an authorisation came back without a code, in words of ours: what stands in an address anybody can have written."""
    match error:
        case "access_denied":
            return "The authorisation was denied in PagerDuty"
        case "invalid_scope":
            return "PagerDuty does not let this application have the scopes that are needed"
        case "unauthorized_client":
            return "PagerDuty does not let this application ask people; --kind app is for those that act for themselves"
        case _:
            return "PagerDuty ended the authorisation with an error"


def _asked(http: Http, trip: Trip, client: Client, form: Mapping[str, str]) -> Given:
    who = {"client_id": client.id, "client_secret": client.secret}
    answer = http.send(trip, "POST", TOKEN, form={**form, **who})
    told = answer.document()
    access = pick_text(told, "access_token")
    if not access:
        raise answer.unreadable("it holds no access token")
    refresh = pick_text(told, "refresh_token")
    if refresh == redact.MASK:  # What is sent is hidden wherever it comes back: it is the one we have.
        refresh = form.get("refresh_token", "")
    scopes = tuple(pick_text(told, "scope").split())
    return Given(access, refresh, _seconds(pick(told, "expires_in")), scopes, _claims(pick_text(told, "id_token")))


def _seconds(value: object) -> int:
    """Of a token that does not say, the shortest that PagerDuty documents."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(min(max(float(str(value)), 0.0), _LONGEST_S)) if is_number else _DAY_S


def _claims(token: str) -> Json:
    """Its signature is not looked at: it came from the authorisation server itself, over its own certificate."""
    part = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        told = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) or b"{}")
    except (ValueError, binascii.Error):
        return {}
    return told if isinstance(told, dict) else {}


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def client_of(kind: str, client_id: str, secret: str) -> Client:
    if kind not in set(Kind):
        raise Misconfigured(f"--kind {kind} is no kind of application; it is classic, scoped or app.")
    if not client_id.strip() or not secret.strip():
        raise Misconfigured(
            "The application has no client id or no secret; PagerDuty shows both where it is registered."
        )
    return Client(Kind(kind), client_id.strip(), secret.strip())


def region_of(given: Given) -> str:
    return pick_name(given.claims, "region")
