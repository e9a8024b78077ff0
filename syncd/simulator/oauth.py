"""The simulated account's authorisation server: who is asked, what was agreed to, and the tokens that came of it.

It answers /oauth/authorize and /oauth/token. A person in front of it agrees at once, unless told to deny.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from syncd.simulator.account import Key
from syncd.simulator.asked import Answer, Asked, Json, answer
from syncd.simulator.identity import challenge_of, signed
from syncd.simulator.refusals import Unknown
from syncd.simulator.world import World

CODE_S = 30.0
KINDS = ("classic", "scoped", "app")
_OPENID = "openid"
_LIVES_S = {"classic": 30 * 86_400, "scoped": 86_400, "app": 86_400}  # of an access token
_ACCOUNT = "as_account-"


class Denied(Exception):
    """An error of RFC 6749, by its name."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error, self.description, self.status = error, description, status


@dataclass(frozen=True, slots=True)
class Client:
    """An application as its owner registered it."""

    id: str
    secret: str = field(repr=False)
    kind: str = "scoped"
    scopes: tuple[str, ...] = ()  # that it may be granted
    redirects: tuple[str, ...] = ()


@dataclass(slots=True)
class Grant:
    """What one agreement gave: every token that came of it ends with it."""

    client: Client
    scopes: tuple[str, ...]
    user_id: str | None
    refresh: str = ""  # the one that is taken now
    access: list[str] = field(default_factory=list, repr=False)
    revoked: bool = False


@dataclass(slots=True)
class Code:
    grant: Grant
    redirect: str
    challenge: str
    until: datetime
    used: bool = False


@dataclass(slots=True)
class Authority:
    world: World
    clients: dict[str, Client] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict, repr=False)
    refreshes: dict[str, Grant] = field(default_factory=dict, repr=False)  # every token ever given out
    denies_next: bool = False
    person: str = ""  # who is signed in: an id, a name or an e-mail address; empty: the first of the account's users

    def register(self, client: Client) -> Client:
        if client.kind not in KINDS:
            raise Unknown(f"There is no kind {client.kind}; there are {', '.join(KINDS)}.")
        self.clients[client.id] = client
        return client

    def revoke(self, token: str) -> None:
        """An access token alone, or with a refresh token everything that came of its agreement."""
        grant, key = self.refreshes.get(token), self.world.account.keys.get(token)
        if grant is not None:
            self._end(grant)
        elif key is not None:
            key.revoked = True
        else:
            raise Unknown("There is no such token.")

    def respond(self, asked: Asked) -> Answer | None:
        """None for what is no address of it."""
        match asked.method, asked.path:
            case "GET", "/oauth/authorize":
                return self._authorize(dict(asked.pairs()))
            case "POST", "/oauth/token":
                return self._token(_form(asked))
        return None

    def _authorize(self, given: Mapping[str, str]) -> Answer:
        client, redirect = self.clients.get(given.get("client_id", "")), given.get("redirect_uri", "")
        # Nobody is sent to an address that the application did not register.
        if client is None or redirect not in client.redirects:
            return answer(400, {"error": "invalid_request", "error_description": "Unknown client or redirect URI"})
        try:
            told = {"code": self._code(client, given)}
        except Denied as denied:
            told = {"error": denied.error, "error_description": denied.description}
        state = {"state": given["state"]} if "state" in given else {}
        return Answer(302, headers={"location": f"{redirect}?{urlencode({**told, **state})}"})

    def _code(self, client: Client, given: Mapping[str, str]) -> str:
        challenge = given.get("code_challenge", "")
        if client.kind == "app":
            raise Denied("unauthorized_client", "This application asks for tokens of its own")
        if given.get("response_type") != "code":
            raise Denied("unsupported_response_type", "Only code is supported")
        if client.kind == "scoped" and not (challenge and given.get("code_challenge_method") == "S256"):
            raise Denied("invalid_request", "PKCE with S256 is required")
        if self.denies_next:
            self.denies_next = False
            raise Denied("access_denied", "The resource owner denied the request")
        grant = Grant(client, _granted(client, given.get("scope", "")), self._signed_in())
        code, until = self.world.ids.hexadecimal(), self.world.now() + timedelta(seconds=CODE_S)
        self.codes[code] = Code(grant, given["redirect_uri"], challenge, until)
        self.world.revision += 1
        return code

    def _signed_in(self) -> str:
        found = self.world.account.user(self.person) if self.person else next(self.world.account.active_users())
        if found is None:
            raise Denied("access_denied", "Nobody is signed in")
        return found.id

    def _token(self, form: Mapping[str, str]) -> Answer:
        try:
            return answer(200, self._given(self._client(form), form))
        except Denied as denied:
            return answer(denied.status, {"error": denied.error, "error_description": denied.description})

    def _client(self, form: Mapping[str, str]) -> Client:
        client = self.clients.get(form.get("client_id", ""))
        if client is None or not hmac.compare_digest(client.secret.encode(), form.get("client_secret", "").encode()):
            raise Denied("invalid_client", "Client authentication failed", 401)
        return client

    def _given(self, client: Client, form: Mapping[str, str]) -> Json:
        match form.get("grant_type"), client.kind:
            case "authorization_code", "classic" | "scoped":
                return self._redeemed(client, form)
            case "refresh_token", "classic" | "scoped":
                return self._refreshed(client, form.get("refresh_token", ""))
            case "client_credentials", "app":
                return self._issued(Grant(client, self._own(client, form.get("scope", "")), None))
        raise Denied("unauthorized_client", "This application may not use this grant type")

    def _redeemed(self, client: Client, form: Mapping[str, str]) -> Json:
        code = self.codes.get(form.get("code", ""))
        if code is None or code.grant.client != client or code.redirect != form.get("redirect_uri"):
            raise Denied("invalid_grant", "The authorization code is invalid")
        if code.used:
            self._end(code.grant)
            raise Denied("invalid_grant", "The authorization code was used before")
        if self.world.now() > code.until:
            raise Denied("invalid_grant", "The authorization code has expired")
        if code.challenge and challenge_of(form.get("code_verifier", "")) != code.challenge:
            raise Denied("invalid_grant", "The code verifier does not match")
        code.used = True
        return self._issued(code.grant)

    def _refreshed(self, client: Client, token: str) -> Json:
        grant = self.refreshes.get(token)
        if grant is None or grant.client.id != client.id or grant.revoked:
            raise Denied("invalid_grant", "The refresh token is invalid, expired or revoked")
        if grant.refresh != token:
            self._refuse_old(grant)
        return self._issued(grant)

    def _refuse_old(self, grant: Grant) -> None:
        """What a token does that another has taken the place of, nobody has written down."""
        habit = self.world.switches.used_refresh
        if habit == "revoke":
            self._end(grant)
        if habit != "accept":
            raise Denied("invalid_grant", "The refresh token was used before")

    def _own(self, client: Client, scope: str) -> tuple[str, ...]:
        """An application acts in one account, which it names among its scopes."""
        asked = [one for one in scope.split() if one.startswith(_ACCOUNT)]
        is_ours = asked == [f"{_ACCOUNT}{self.region}.{self.subdomain}"]
        return _granted(client, scope) if is_ours else (_OPENID,)

    def _issued(self, grant: Grant) -> Json:
        lives, client, token = _LIVES_S[grant.client.kind], grant.client, f"pd{self.world.ids.hexadecimal()}"
        kind = "app" if grant.user_id is None else "user"
        until = self.world.now() + timedelta(seconds=self.world.switches.token_lives_s or lives)
        # What the application may have by now: a scope that was taken from it since is left out, again without a word.
        scopes = _granted(self.clients[client.id], " ".join(grant.scopes))
        key = Key(token, kind, grant.user_id, scopes=scopes, until=until, client=client.id)
        self.world.account.keys[token] = key
        grant.access.append(token)
        self.world.revision += 1
        given: Json = {
            "access_token": token,
            "token_type": "bearer",
            "expires_in": self.world.switches.token_lives_s or lives,
            "scope": " ".join(scopes),
        }
        if grant.user_id is None:
            return given
        grant.refresh = f"pdr{self.world.ids.hexadecimal()}"
        self.refreshes[grant.refresh] = grant
        return {**given, "refresh_token": grant.refresh, "id_token": signed(self._claims(grant, until))}

    def _claims(self, grant: Grant, until: datetime) -> Json:
        return {
            "iss": "https://identity.pagerduty.com/global/oauth/anonymous",
            "sub": grant.user_id,
            "user_id": grant.user_id,
            "subdomain": self.subdomain,
            "region": self.region,
            "aud": [grant.client.id, self.world.account.api_url],
            "iat": int(self.world.now().timestamp()),
            "exp": int(until.timestamp()),
        }

    def _end(self, grant: Grant) -> None:
        grant.revoked = True
        for token in grant.access:
            self.world.account.keys[token].revoked = True
        self.world.revision += 1

    @property
    def subdomain(self) -> str:
        """That of its web address; where that is an address of a machine, which has none, the one `syncd sim` tells."""
        first, _, rest = (urlsplit(self.world.account.web_url).hostname or "").partition(".")
        return first if rest.endswith("pagerduty.com") else "simulated"

    @property
    def region(self) -> str:
        return "eu" if ".eu." in self.world.account.api_url else "us"


def _granted(client: Client, scope: str) -> tuple[str, ...]:
    """A scope that it may not have is left out without a word."""
    allowed = {*client.scopes, _OPENID}
    both = tuple(one for one in scope.split() if one in allowed or (client.kind == "app" and one.startswith(_ACCOUNT)))
    return both if any(one != _OPENID for one in both) else (_OPENID,)


def _form(asked: Asked) -> Mapping[str, str]:
    return dict(parse_qsl(asked.body.decode("utf-8", "replace"), keep_blank_values=True))
