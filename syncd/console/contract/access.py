"""/v1/tokens and /v1/users as declared."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime

from syncd.console.bodies import (
    AddUser,
    ChangePassword,
    DisableUser,
    IssueToken,
    RevokeToken,
)
from syncd.core.permissions import Role

from .operation import Answer, Operation


class Token(Answer):
    id: str
    name: str
    role: Role
    integrations: list[str]
    created_at: AwareDatetime
    created_by: str
    expires_at: AwareDatetime | None
    last_used_at: AwareDatetime | None
    revoked_at: AwareDatetime | None
    revoked_by: str


class ListedToken(Token):
    state: Literal["good", "expired", "revoked"]
    ends_soon: bool  # within 14 days


class Tokens(Answer):
    tokens: list[ListedToken]


class IssuedToken(Token):
    """The one answer that has the token itself."""

    token: str
    says: str  # until when it opens


class RevokedToken(Token):
    changed: bool
    says: str


class User(Answer):
    name: str
    role: Role
    created_at: AwareDatetime
    created_by: str
    changed_at: AwareDatetime
    disabled_at: AwareDatetime | None
    disabled_by: str


class Users(Answer):
    users: list[User]


class UserSaid(User):
    says: str


class UserChanged(UserSaid):
    changed: bool


OPERATIONS = (
    Operation("GET", "/v1/tokens", "The tokens that programs come with; never the tokens themselves", {200: Tokens}),
    Operation(
        "POST",
        "/v1/tokens",
        "Make a token: it is in this one answer",
        {201: IssuedToken},
        IssueToken,
        answers_secret=True,
    ),
    Operation("POST", "/v1/tokens/{token}/revoke", "Revoke a token", {200: RevokedToken}, RevokeToken),
    Operation("GET", "/v1/users", "The people who may sign in", {200: Users}),
    Operation("POST", "/v1/users", "Let a person sign in", {201: UserSaid}, AddUser),
    Operation("POST", "/v1/users/{name}/password", "Give a person another password", {200: UserSaid}, ChangePassword),
    Operation("POST", "/v1/users/{name}/disable", "Let a person sign in no more", {200: UserChanged}, DisableUser),
)
