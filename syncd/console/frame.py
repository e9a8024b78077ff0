"""What stands around every page: the rooms there are, and a banner for each account that is disconnected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from syncd.core.permissions import Action
from syncd.flow.accounts import cure
from syncd.flow.finding import counted
from syncd.flow.status import held
from syncd.store import integrations, links
from syncd.store.database import Database
from syncd.store.integrations import Integration

from .entrance import session_of
from .live import Pieces
from .looks import page, piece
from .rooms import DEMO, ROOMS, Sign, signs
from .sessions import Session


@dataclass(frozen=True, slots=True)
class Banner:
    """Of an account that is disconnected."""

    slug: str
    code: str
    since: str
    held: str
    cure: str
    has_credential: bool  # that can be tried again, or be replaced

    @property
    def address(self) -> str:
        return f"/integrations/{self.slug}"


@dataclass(frozen=True, slots=True)
class Frame:
    session: Session
    signs: Sequence[Sign]
    banners: Sequence[Banner]
    may_operate: bool
    may_reconnect: bool
    may_ask: bool
    may_look: bool  # at accounts, codes and what the API takes

    @property
    def token(self) -> str:
        return self.session.form_token

    @property
    def pieces(self) -> Pieces:
        """Element id -> what stands in it: so it is loaded, and so a live page goes on. Nothing of it is of one session alone."""
        return {
            "rooms": piece("rooms.html", signs=self.signs),
            "banners": piece("banners.html", banners=self.banners, may_reconnect=self.may_reconnect),
        }


@dataclass(frozen=True, slots=True)
class Frames:
    database: Database
    has_demo: bool = False

    async def show(self, request: Request, template: str, status: int = 200, **values: object) -> Response:
        frame = await run_in_threadpool(self.around, session_of(request), request.url.path)
        return page(template, status, frame=frame, session=frame.session, token=frame.token, **values)

    def pieces(self, session: Session, path: str) -> Pieces:
        return self.around(session, path).pieces

    def around(self, session: Session, path: str) -> Frame:
        caller = session.caller
        with self.database.read() as tx:
            accounts = integrations.all_of(tx)
            away = [one for one in accounts.values() if not one.is_connected]
            kept = held.read(tx, accounts).by_account if away else {}
            conflicts = links.count_in_conflict(tx)
        counts = {"disconnected": len(away), "conflicts": conflicts}
        may_operate, may_ask = caller.may(Action.SYNC_OPERATE), caller.may(Action.SYNC_READ)
        may_look, may_reconnect = caller.may(Action.INTEGRATIONS_READ), caller.may(Action.INTEGRATIONS_MANAGE)
        banners = [banner(one, kept.get(one.slug, 0)) for one in away if may_look]
        is_proven = any(one.gives_evidence for one in accounts.values())
        there = [one for one in ROOMS if is_proven or one.action is not Action.EVIDENCE_READ]
        rooms = [DEMO, *there] if self.has_demo else there
        seen = signs(caller, path, counts, rooms)
        return Frame(session, seen, banners, may_operate, may_reconnect, may_ask, may_look)


def banner(one: Integration, kept: int) -> Banner:
    waiting = f"{counted(kept, 'change is', 'changes are')} held, none lost." if kept else "Nothing is held for it."
    return Banner(one.slug, one.code, f"{one.since:%Y-%m-%d %H:%M} UTC", waiting, cure(one), one.is_far)
