"""/password: a user who is signed in gives itself another password, by the one it has. Its other sessions end, this browser's goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from syncd.console.entrance import Entrance, session_of
from syncd.console.looks import page
from syncd.console.parts import Parts
from syncd.console.sessions import Session
from syncd.errors import Misconfigured
from syncd.flow.access import people, signing_in
from syncd.flow.access.passwords import FEWEST, HASHED_AT_ONCE

_OF_NOBODY = "You signed in with the API token of this daemon, which is nobody's password; change it where it is set."
_WRONG = "That is not the password you have now."


@dataclass(frozen=True, slots=True)
class OwnPassword:
    parts: Parts
    entrance: Entrance
    hashing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(HASHED_AT_ONCE))

    def routes(self) -> list[Route]:
        return [self.entrance.page("/password", self._ask), self.entrance.act("/password", self._change)]

    async def _ask(self, request: Request) -> Response:
        session = session_of(request)
        return _shown(session) if session.is_user else _shown(session, _OF_NOBODY, 409)

    async def _change(self, request: Request) -> Response:
        session, fields = await self.entrance.sent(request)
        if not session.is_user:
            return _shown(session, _OF_NOBODY, 409)
        try:
            fresh = await self._changed(request, session, fields)
        except signing_in.NotNow as error:
            return _shown(session, str(error), 429, headers={"Retry-After": str(ceil(error.retry_after))})
        except Misconfigured as error:
            return _shown(session, str(error), 422)
        if fresh is None:
            return _shown(session, _WRONG, 403)
        response = _shown(
            fresh, "You sign in with the new password from now on; your other sessions have ended.", 200, is_done=True
        )
        self.entrance.sessions.give(response, fresh)
        return response

    async def _changed(self, request: Request, session: Session, fields: Mapping[str, str]) -> Session | None:
        """Tried as slowly as signing in: whoever finds a browser open must not guess here."""
        db, address = self.parts.database, request.client.host if request.client else ""
        # Who tries to sign in under this name must not keep its owner from another password.
        attempt = await run_in_threadpool(signing_in.begin, db, session.name, address, f"session of {session.name}")
        async with self.hashing:
            user = await run_in_threadpool(signing_in.check, db, session.name, fields.get("now", ""), attempt)
            if user is None:
                return None
            changed = await run_in_threadpool(people.change_own_password, db, user, fields.get("new", ""))
        return None if changed is None else await run_in_threadpool(self.entrance.sessions.new_of_user, changed)


def _shown(
    session: Session,
    said: str = "",
    status: int = 200,
    *,
    is_done: bool = False,
    headers: Mapping[str, str] | None = None,
) -> Response:
    response = page(
        "password.html", status, said=said, is_done=is_done, fewest=FEWEST, session=session, token=session.form_token
    )
    response.headers.update(headers or {})
    return response
