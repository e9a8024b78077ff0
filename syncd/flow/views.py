"""Saved views: a name for a query of deliveries, of a person or of everybody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import structlog

from syncd.connections.joining.setup import named
from syncd.core.query.fault import QueryError
from syncd.core.query.reading import read
from syncd.core.query.writing import write
from syncd.errors import Misconfigured, NotFound
from syncd.store import saved_views
from syncd.store.database import Database, Tx
from syncd.store.saved_views import EVERYBODY, SavedView

log = structlog.stdlib.get_logger()
MOST = 100  # of one owner: more are found by nobody


@dataclass(frozen=True, slots=True)
class View:
    saved: SavedView
    problem: str  # why this release does not understand it; empty: it does

    @property
    def is_everybodys(self) -> bool:
        return self.saved.owner == EVERYBODY


def of(db: Database, person: str) -> Sequence[View]:
    with db.read() as tx:
        return [View(one, _problem(one.query)) for one in saved_views.of(tx, person)]


def save(db: Database, person: str, name: str, query: str, *, for_everybody: bool) -> tuple[View, bool]:
    """And whether it took the place of another. A query that cannot be read is refused with its place."""
    name, owner = named(name), EVERYBODY if for_everybody else person
    wanted = write(read(query))
    if not wanted:
        raise Misconfigured("The query is empty, and so it needs no name; give it a term, like outcome:failed.")
    with db.write() as tx:
        view = SavedView(owner, name, wanted, person, db.now(tx))
        is_instead = saved_views.put(tx, view)
        if not is_instead and saved_views.count(tx, owner) > MOST:
            raise Misconfigured(f"There are {MOST} saved views already; remove one that nobody looks at.")
    log.info("view.saved", view=name, of=owner or "everybody", by=person)
    return View(view, ""), is_instead


def remove(db: Database, person: str, name: str, *, of_everybody: bool) -> None:
    owner = EVERYBODY if of_everybody else person
    with db.write() as tx:
        if not saved_views.remove(tx, owner, name):
            raise NotFound(_none(tx, person, name, of_everybody=of_everybody))
    log.info("view.removed", view=name, of=owner or "everybody", by=person)


def _none(tx: Tx, person: str, name: str, *, of_everybody: bool) -> str:
    """With the way to the other of that name, where there is one: the list shows both kinds."""
    other = person if of_everybody else EVERYBODY
    if any((one.owner, one.name) == (other, name) for one in saved_views.of(tx, person)):
        if of_everybody:
            return (
                f"The saved view {name} is {person}'s own and not everybody's; `syncd views remove {name}` removes it."
            )
        return f"The saved view {name} is everybody's and not {person}'s own; `syncd views remove {name} --everybody` removes it."
    whose = "for everybody" if of_everybody else f"of {person}"
    return f"There is no saved view {name} {whose}; `syncd views list` shows those there are."


def chosen(views: Iterable[tuple[str, str, str]], name: str) -> str:
    """The query of that name; each has its name, its query, and why it is not understood. The first is meant."""
    found = next(((query, problem) for one, query, problem in views if one == name), None)
    if found is None:
        raise NotFound(f"There is no saved view {name}; `syncd views list` shows those there are.")
    query, problem = found
    if problem:
        raise Misconfigured(f"This release does not understand the saved view {name}, so save it anew. {problem}")
    return query


def _problem(query: str) -> str:
    try:
        read(query)
    except QueryError as error:
        return str(error)
    return ""
