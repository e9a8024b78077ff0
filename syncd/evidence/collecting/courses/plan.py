"""Courses of what an account's plan has: its abilities, its licences and who holds them."""

from __future__ import annotations

from syncd.evidence.facts.dataset import Lack, Missing
from syncd.evidence.facts.licences import Allocation, Licence, allocation_of, licence_of
from syncd.evidence.facts.reading import Unexpected, read_all
from syncd.evidence.facts.teams import Ability, abilities_of

from .paging import Kind, listed
from .refusals import refused
from .request import Course, Gathered, Request


def abilities() -> Course[Gathered[Ability]]:
    page = yield Request("/abilities")
    missing = refused(page)
    if missing is not None:
        return Gathered(missing=(missing,))
    try:
        return Gathered(abilities_of(page.body))
    except Unexpected as fault:
        return Gathered(missing=(Missing(Lack.UNREADABLE, needs=f"/abilities: {fault}"),))


def licences() -> Course[Gathered[Licence]]:
    """One list, without pages."""
    page = yield Request("/licenses")
    missing = refused(page)
    if missing is not None:
        return Gathered(missing=(missing,))
    records = page.body.get("licenses")
    if not isinstance(records, list):
        return Gathered(missing=(Missing(Lack.UNREADABLE, needs="/licenses: licenses is no list"),))
    return Gathered(*read_all(records, licence_of))


def allocations() -> Course[Gathered[Allocation]]:
    request = Request("/license_allocations")
    kind = Kind(request, "license_allocations", allocation_of, key=lambda given: allocation_of(given).id)
    found = yield from listed(kind)
    return Gathered(tuple(found.rows.values()), found.missing)
