"""Tokens that may touch only some integrations: what of the rest they are kept from. Of a thing not theirs they learn nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request

from syncd.core.permissions import Caller
from syncd.errors import Conflict, NotFound, SameAccount
from syncd.store import arrival_lines, case_accounts, deliveries, integrations, links
from syncd.store.cases import number_of
from syncd.store.database import Database, Tx

from .permits import Reach
from .problem import Problem

_BEYOND = 2**63  # no database here counts that far


def caller_of(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


def require_reach(db: Database, caller: Caller, reach: Reach, named: Mapping[str, Any]) -> None:
    """By what the address names. What has to look into the body asks again, with `require_all`."""
    if not caller.is_scoped or reach is Reach.INSIDE:
        return
    match reach:
        case Reach.NAMED:
            _require(caller, [named["slug"]])
        case Reach.LINK:
            require_links(db, caller, [named["link"]])
        case Reach.CASE:
            _require_case(db, caller, named["key"])
        case Reach.DELIVERY:
            require_deliveries(db, caller, [named["delivery"]])
        case Reach.ARRIVAL:
            _require_arrival(db, caller, named["arrival"])
        case _:
            raise _refused(caller, "this concerns every account")


def require_links(db: Database, caller: Caller, numbers: Iterable[int]) -> None:
    if caller.is_scoped:
        with db.read() as tx:
            _require(caller, [_account_of_link(tx, one) for one in numbers])


def require_deliveries(db: Database, caller: Caller, numbers: Iterable[int]) -> None:
    if caller.is_scoped:
        with db.read() as tx:
            _require(caller, [_account_of_delivery(tx, one) for one in numbers])


def require_connector(db: Database, caller: Caller, name: str) -> str:
    """Of a case that is opened; the account it goes to, for a scoped token. One without a connector may be sent to any by the rules."""
    if not caller.is_scoped:
        return ""
    if not name:
        raise _refused(
            caller, "without a connector the rules decide to which account this goes; name a connector of that account"
        )
    with db.read() as tx:
        account = case_accounts.of_connector(tx, name)
    _require(caller, [account])
    return account


def _require_case(db: Database, caller: Caller, key: str) -> None:
    with db.read() as tx:
        try:
            account = case_accounts.account_of(tx, number_of(key))
        except NotFound:
            account = ""
    _require(caller, [account])


def _require_arrival(db: Database, caller: Caller, number: int) -> None:
    with db.read() as tx:
        row = arrival_lines.one(tx, number) if number < _BEYOND else None
    _require(caller, ["" if row is None else str(row["source"])])


def require_named(caller: Caller, slug: str) -> None:
    """An empty one means every account."""
    if caller.is_scoped:
        _require(caller, [slug])


def require_there(db: Database, caller: Caller, slug: str) -> None:
    """Whatever would add an account needs what adding one needs: a token for all of them."""
    if caller.is_scoped:
        with db.read() as tx:
            if integrations.get(tx, slug) is None:
                raise _refused(caller, "this would add an account")


def veiled(caller: Caller, error: SameAccount) -> Conflict:
    """Whoever has its key may learn that it is connected, and not under which name."""
    if caller.reaches(error.other):
        return error
    return Conflict(
        f"{error.host} is connected already, under a name that is not this token's; ask an admin which it is."
    )


def _account_of_link(tx: Tx, number: int) -> str:
    stored = links.get(tx, number) if number < _BEYOND else None
    return "" if stored is None else stored.link.integration


def _account_of_delivery(tx: Tx, number: int) -> str:
    row = deliveries.get(tx, number) if number < _BEYOND else None
    return "" if row is None else str(row["integration"])


def _require(caller: Caller, slugs: Iterable[str]) -> None:
    """The same words for what is not there and what is somebody else's: numbers must not be tried out."""
    if not all(caller.reaches(slug) for slug in slugs):
        raise _refused(caller, "this is about something else, or about nothing that is there")


def _refused(caller: Caller, why: str) -> Problem:
    mine = ", ".join(sorted(caller.scope))
    return Problem(403, f"The token {caller.name} is for {mine} alone, and {why}.", code="SYN-API-SCOPE")
