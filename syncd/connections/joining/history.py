"""What setting up leaves in the history of a connection: who began, and what it came to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from syncd.core.connection import Kind
from syncd.core.diagnostics import named_first
from syncd.errors import SameAccount, SyncdError
from syncd.store import connection_log

from .setup import Setup


def note(setup: Setup, slug: str, kind: Kind, *, by: str = "", code: str = "", detail: str = "") -> None:
    with setup.db.write() as tx:
        connection_log.add(tx, slug, kind, now=setup.db.now(tx), by=by, code=code, detail=detail)


@contextmanager
def begun(setup: Setup, slug: str, kind: Kind, by: str) -> Iterator[None]:
    """Its beginning is told before anybody is asked, and its failure with the sentence that the person reads."""
    note(setup, slug, kind, by=by)
    with failing(setup, slug, by):
        yield


@contextmanager
def failing(setup: Setup, slug: str, by: str) -> Iterator[None]:
    """For what comes after its questions, and may come to nothing as well."""
    try:
        yield
    except SyncdError as error:
        note(setup, slug, Kind.FAILED, by=by, code=named_first(str(error)), detail=_told(error))
        raise
    except KeyboardInterrupt:
        note(setup, slug, Kind.FAILED, by=by, detail="It was broken off.")
        raise


@contextmanager
def only_asked(setup: Setup, slug: str, kind: Kind, by: str) -> Iterator[None]:
    """For questions that may lead to nothing: only a refusal is told, as a try. What is not refused is begun by whoever goes on."""
    try:
        yield
    except SyncdError:
        with begun(setup, slug, kind, by):
            raise


def _told(error: SyncdError) -> str:
    """Whoever may read the history of one account learns nothing of another one from it."""
    return f"{error.host} is connected already." if isinstance(error, SameAccount) else str(error)
