"""Acting as the person: what somebody changed on a case is written in PagerDuty in their own name, where PagerDuty lets us.

That takes a key of the account. Of an OAuth token and of a personal key PagerDuty takes no name: their owner does everything.
"""

from __future__ import annotations

from collections.abc import Mapping

from syncd.core.connection import Kind
from syncd.errors import Conflict, Misconfigured, Refused
from syncd.store import authors, connection_log, integrations
from syncd.store.integrations import ACT_AS, PERSON, SELF, Integration
from syncd.systems.pagerduty import account
from syncd.systems.pagerduty.account import KeyKind

from .setup import Setup, existing, talking

_TAKES_NO_NAME = (
    "{what} makes every write as its owner, so that nobody else can be acted as; give {slug} an API access key of the account "
    "by `syncd integrations rotate {slug}`."
)


def switch(setup: Setup, slug: str, *, is_on: bool, by: str) -> bool:
    """Whether it changed anything. Asked of PagerDuty before it is stored; what waits already goes out by the new setting."""
    it = setup.integration(slug)
    if it.system != "pagerduty":
        raise Conflict(f"{slug} is not a PagerDuty account; `syncd integrations list` shows those there are.")
    if is_on:
        _refuse_where_it_cannot_be(setup, it)
    with setup.db.write() as tx:
        integrations.lock(tx, slug)
        there = existing(tx, slug)
        if there.acts_as_person is is_on:
            return False
        integrations.configure(tx, slug, {**there.settings, ACT_AS: PERSON if is_on else SELF})
        authors.forget(tx, slug)  # Whoever switches it on has perhaps just mended somebody's user.
        detail = f"Acting as the person was switched {'on' if is_on else 'off'}."
        connection_log.add(tx, slug, Kind.UPDATED, now=setup.db.now(tx), by=by, detail=detail)
    return True


def setting(key: KeyKind, *, is_on: bool) -> Mapping[str, str]:
    """Of an account that is being joined."""
    if not is_on:
        return {}
    _refuse_personal(key, "it")
    return {ACT_AS: PERSON}


def after(it: Integration, key: KeyKind) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """Once it has this key: what is set from now on, and what to mind."""
    if key is not KeyKind.USER or it.settings.get(ACT_AS) != PERSON:
        return {}, ()
    return {ACT_AS: SELF}, ("Acting as the person is switched off: a personal key makes every write as its owner.",)


def _refuse_where_it_cannot_be(setup: Setup, it: Integration) -> None:
    if it.is_by_oauth:
        raise Misconfigured(_TAKES_NO_NAME.format(what="An OAuth token", slug=it.slug))
    http, trip = setup.pagerduty(it.slug), setup.trip("act-as")
    with talking():
        key, _ = account.whose_key(http, trip)
        _refuse_personal(key, it.slug)
        try:
            account.search_users(http, trip, it.settings["from"])
        except Refused as refused:
            raise Misconfigured(f"{refused} Nobody can be acted as while this key may not read users.") from refused


def _refuse_personal(key: KeyKind, slug: str) -> None:
    if key is KeyKind.USER:
        raise Misconfigured(_TAKES_NO_NAME.format(what="A personal key", slug=slug))
