"""Tokens and users for tests of who gets in, and a client that asks the console without a server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx

from syncd.connections.joining.builtin import ensure_builtin
from syncd.console.parts import Parts
from syncd.core.changes import Side
from syncd.core.permissions import Role
from syncd.flow.access import tokens
from syncd.store import integrations
from syncd.store.database import Database

from .checked import create

HERE = "http://here"


def add_account(store: Database, slug: str) -> None:
    ensure_builtin(store, HERE)
    with store.write() as tx:
        if integrations.get(tx, slug) is not None:
            return
        integrations.add(
            tx,
            slug=slug,
            system="pagerduty",
            side=Side.INCIDENT,
            base_url="",
            settings={},
            sealed=b"sealed",
            now=store.now(tx),
        )


def token(
    store: Database, role: Role, name: str = "", *, scope: Sequence[str] = (), lasts: timedelta | None = None
) -> str:
    return tokens.issue(store, name=name or f"a {role}", role=role, scope=scope, by="Ana Lima", lasts=lasts).token


def bearing(given: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {given}"} if given else {}


@asynccontextmanager
async def asking(parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create(parts), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
        yield client
