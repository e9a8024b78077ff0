"""Facts and pages of an account out of what is kept of it. Nothing is collected yet, so that nothing is known, and everything says so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from syncd.store.database import Tx
from syncd.store.evidence.pages import RawPage

from .facts.account import Facts
from .freshness import Freshness
from .spans import Span


def facts_of(tx: Tx, slug: str, window: Span, at: datetime) -> Facts:  # noqa: ARG001
    return Facts()


def pages_of(tx: Tx, slug: str, window: Span, at: datetime) -> Iterator[RawPage]:  # noqa: ARG001
    return iter(())


def freshness_of(tx: Tx, slug: str, at: datetime) -> tuple[Freshness, ...]:  # noqa: ARG001
    return ()
