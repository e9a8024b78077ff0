"""Who gets in: people and tokens; what may not be thrown away; and where notices go, with what is wrong now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from syncd.console.entrance import Entrance, session_of
from syncd.console.frame import Frames
from syncd.console.problem import Problem
from syncd.core.permissions import TOKEN_DAYS, Action, Role
from syncd.errors import Misconfigured, SyncdError
from syncd.flow.access import people, tokens
from syncd.flow.access.passwords import HASHED_AT_ONCE
from syncd.flow.access.tokens import Issued
from syncd.flow.notices.ways import Way, ways
from syncd.store import api_tokens, integrations, legal_holds, notices, users
from syncd.store.api_tokens import ApiToken
from syncd.store.database import Database
from syncd.store.legal_holds import LegalHold
from syncd.store.notices import Notice
from syncd.store.users import User
from syncd.systems.channels.port import Channel

_DAYS_MOST = 3650
_NOTICES = 50  # of more that are wrong at once the API tells


@dataclass(frozen=True, slots=True)
class Seen:
    users: Sequence[User]
    tokens: Sequence[tuple[ApiToken, str, bool]]  # with the word for how it stands, and whether it ends soon
    accounts: Sequence[str]
    holds: Sequence[LegalHold]
    ways: Sequence[Way]
    wrong: Sequence[Notice]


@dataclass(frozen=True, slots=True)
class SettingsPages:
    database: Database
    entrance: Entrance
    frames: Frames
    channels: Callable[[], Mapping[str, Channel]]
    hashing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(HASHED_AT_ONCE))  # each takes 32 MiB

    def routes(self) -> Sequence[Route]:
        return [self.entrance.page("/settings", self._page), self.entrance.act("/settings/{act}", self._act)]

    async def _page(self, request: Request) -> Response:
        return await self._show(request)

    async def _act(self, request: Request) -> Response:
        session, fields = await self.entrance.sent(request)
        try:
            async with self.hashing:
                shown_once = await run_in_threadpool(self._do, request.path_params["act"], fields, session.name)
        except SyncdError as error:
            return await self._show(request, said=str(error), status=409)
        if shown_once:
            return await self._show(request, issued=shown_once)
        return RedirectResponse("/settings", 303)

    def _do(self, act: str, fields: Mapping[str, str], by: str) -> Issued | None:
        """A token that was issued: it is shown once, and stored nowhere."""
        name = fields.get("name", "").strip()
        match act:
            case "add-user":
                people.add(self.database, name=name, role=_role(fields), password=fields.get("password", ""), by=by)
            case "disable-user":
                people.disable(self.database, name, by=by)
            case "issue-token":
                scope = tuple(one for one in fields.get("integrations", "").replace(",", " ").split() if one)
                lasts = _lasts(fields.get("days", "").strip())
                return tokens.issue(self.database, name=name, role=_role(fields), scope=scope, by=by, lasts=lasts)
            case "revoke-token":
                tokens.revoke(self.database, fields.get("token", ""), by=by)
            case _:
                raise Problem(404, f"Nothing called {act!r} can be done here.")
        return None

    async def _show(
        self, request: Request, *, said: str = "", issued: Issued | None = None, status: int = 200
    ) -> Response:
        return await self.frames.show(
            request,
            "settings.html",
            status,
            seen=await run_in_threadpool(self._seen),
            roles=list(Role),
            said=said,
            issued=issued,
            issued_until=tokens.told_end(issued.row) if issued else "",
            may_manage=session_of(request).caller.may(Action.ACCESS_MANAGE),
        )

    def _seen(self) -> Seen:
        with self.database.read() as tx:
            now = self.database.now(tx)
            return Seen(
                users.listing(tx),
                [(one, one.state(now), tokens.ends_soon(one, now)) for one in api_tokens.listing(tx)],
                sorted(integrations.all_of(tx)),
                legal_holds.standing(tx),
                ways(tx, self.channels()),
                notices.listing(tx, _NOTICES, is_standing=True),
            )


def _role(fields: Mapping[str, str]) -> Role:
    try:
        return Role(fields.get("role", ""))
    except ValueError as error:
        raise Misconfigured(f"A role is one of {', '.join(Role)}.") from error


def _lasts(days: str) -> timedelta | None:
    if not days:
        return timedelta(days=TOKEN_DAYS)
    if days == "never":
        return None
    if not (days.isascii() and days.isdecimal() and 0 < int(days[:9]) <= _DAYS_MOST):
        raise Misconfigured(
            f"A token lasts for 1 to {_DAYS_MOST} days, {TOKEN_DAYS} where nothing is said, or never ends where that is written."
        )
    return timedelta(days=int(days))
