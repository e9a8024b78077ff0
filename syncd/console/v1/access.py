"""/v1/tokens and /v1/users: who gets in. A token is in the one answer that makes it, and in no other."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.console.bearer import Handler
from syncd.console.bodies import (
    AddUser,
    ChangePassword,
    DisableUser,
    IssueToken,
    RevokeToken,
)
from syncd.console.intake import carried
from syncd.flow.access import people, tokens
from syncd.flow.access.passwords import HASHED_AT_ONCE
from syncd.store import api_tokens, users
from syncd.store.api_tokens import ApiToken
from syncd.store.database import Database
from syncd.store.row_json import Json, row_as_json
from syncd.store.users import User


@dataclass(frozen=True, slots=True)
class AccessApi:
    """`hashing`: each hash takes 32 MiB while it lasts."""

    database: Database
    hashing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(HASHED_AT_ONCE))

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {
            ("GET", "/v1/tokens"): self._tokens,
            ("POST", "/v1/tokens"): self._issue,
            ("POST", "/v1/tokens/{token}/revoke"): self._revoke,
            ("GET", "/v1/users"): self._users,
            ("POST", "/v1/users"): self._add,
            ("POST", "/v1/users/{name}/password"): self._password,
            ("POST", "/v1/users/{name}/disable"): self._disable,
        }

    async def _tokens(self, _: Request) -> Response:
        return JSONResponse({"tokens": await run_in_threadpool(self.tokens)})

    async def _issue(self, request: Request) -> Response:
        body = carried(request, IssueToken)
        return JSONResponse(await run_in_threadpool(self.issue, body), 201)

    async def _revoke(self, request: Request) -> Response:
        body = carried(request, RevokeToken)
        return JSONResponse(await run_in_threadpool(self.revoke, request.path_params["token"], body))

    async def _users(self, _: Request) -> Response:
        return JSONResponse({"users": await run_in_threadpool(self.users)})

    async def _add(self, request: Request) -> Response:
        body = carried(request, AddUser)
        async with self.hashing:
            return JSONResponse(await run_in_threadpool(self.add, body), 201)

    async def _password(self, request: Request) -> Response:
        body = carried(request, ChangePassword)
        async with self.hashing:
            return JSONResponse(await run_in_threadpool(self.change_password, request.path_params["name"], body))

    async def _disable(self, request: Request) -> Response:
        body = carried(request, DisableUser)
        return JSONResponse(await run_in_threadpool(self.disable, request.path_params["name"], body))

    def tokens(self) -> list[Json]:
        with self.database.read() as tx:
            now = self.database.now(tx)
            found = api_tokens.listing(tx)
            return [
                {**token_as_json(one), "state": one.state(now), "ends_soon": tokens.ends_soon(one, now)}
                for one in found
            ]

    def issue(self, body: IssueToken) -> Json:
        lasts = None if body.expires_days == "never" else timedelta(days=body.expires_days)
        issued = tokens.issue(
            self.database, name=body.name, role=body.role, scope=body.integrations, by=body.by, lasts=lasts
        )
        return {**token_as_json(issued.row), "token": issued.token, "says": tokens.told_end(issued.row)}

    def revoke(self, reference: str, body: RevokeToken) -> Json:
        found, is_changed = tokens.revoke(self.database, reference, by=body.by)
        says = "opens nothing any more." if is_changed else f"was revoked before, by {found.revoked_by}."
        return {**token_as_json(found), "changed": is_changed, "says": f"The token {found.name} {says}"}

    def users(self) -> list[Json]:
        with self.database.read() as tx:
            return [user_as_json(one) for one in users.listing(tx)]

    def add(self, body: AddUser) -> Json:
        password = body.password.get_secret_value()
        made = people.add(self.database, name=body.name, role=body.role, password=password, by=body.by)
        return {**user_as_json(made), "says": f"{made.name} may sign in, as {made.role}."}

    def change_password(self, name: str, body: ChangePassword) -> Json:
        people.require(self.database, name)
        changed = people.change_password(self.database, name, body.password.get_secret_value(), by=body.by)
        return {**user_as_json(changed), "says": f"{name} signs in with the new password; open sessions have ended."}

    def disable(self, name: str, body: DisableUser) -> Json:
        found, is_changed = people.disable(self.database, name, by=body.by)
        says = "signs in no more, and is signed out." if is_changed else f"was disabled before, by {found.disabled_by}."
        return {**user_as_json(found), "changed": is_changed, "says": f"{found.name} {says}"}


def token_as_json(one: ApiToken) -> Json:
    return row_as_json(
        {
            "id": one.id,
            "name": one.name,
            "role": one.role,
            "integrations": list(one.integrations),
            "created_at": one.created_at,
            "created_by": one.created_by,
            "expires_at": one.expires_at,
            "last_used_at": one.last_used_at,
            "revoked_at": one.revoked_at,
            "revoked_by": one.revoked_by,
        }
    )


def user_as_json(one: User) -> Json:
    return row_as_json(
        {
            "name": one.name,
            "role": one.role,
            "created_at": one.created_at,
            "created_by": one.created_by,
            "changed_at": one.changed_at,
            "disabled_at": one.disabled_at,
            "disabled_by": one.disabled_by,
        }
    )
