"""A link without an incident, for whoever wants to compare it: what became of the opening, and what can be done."""

from __future__ import annotations

from collections.abc import Mapping

from syncd.core.changes import Side
from syncd.core.errand import ErrandKind
from syncd.core.link import LinkState
from syncd.core.reasons import SENTENCES, Reason
from syncd.errors import Conflict, cause_of
from syncd.flow.catchup.hindrance import hindrance
from syncd.flow.finding import counted
from syncd.store.integrations import Integration
from syncd.store.links import StoredLink
from syncd.store.outcomes import Became


def unopened(stored: StoredLink, became: list[Became], accounts: Mapping[Side, Integration]) -> Conflict:
    link = stored.link
    what = f"Link {stored.id} has no incident to compare its case with; it is {link.state}"
    opening = next((one for one in reversed(became) if one.kind is ErrandKind.OPEN), None)
    if link.state is LinkState.OPENING:
        return Conflict(f"{what}{_on_its_way(stored, accounts)}")
    held = sum(one.is_live for one in became if one is not opening)
    waits = f", {counted(held, 'change is', 'changes are')} held for it" if held else ""
    return Conflict(f"{what}: {_why(stored, opening)}{waits}. {_remedy(stored, opening, accounts[Side.INCIDENT])}")


def _on_its_way(stored: StoredLink, accounts: Mapping[Side, Integration]) -> str:
    if said := hindrance(stored, accounts, {Side.INCIDENT}):
        return f". {said}"
    return f", and `syncd deliveries list --link {stored.id}` shows what was tried."


def _why(stored: StoredLink, opening: Became | None) -> str:
    reason = SENTENCES[Reason(opening.reason)] if opening is not None and opening.reason else ""
    said = stored.reason or (opening.detail if opening is not None else "") or reason
    return cause_of(said) if said else "why that is so is not kept any more"


def _remedy(stored: StoredLink, opening: Became | None, account: Integration) -> str:
    if stored.link.is_case_over:
        by_itself = opening is not None and opening.reason == Reason.CASE_OVER
        then = "one is" if by_itself else "a replay of that delivery opens one"
        return f"The case is over, so nothing is to be opened; should it be reopened, {then}."
    if opening is None or opening.delivery is None:
        return "Open another case for what is still to be done."
    first = f"First `syncd integrations observe {account.slug} --off`, then " if account.is_observed else ""
    follows = ", and what was said of the case meanwhile follows it" if stored.link.state is LinkState.FAILED else ""
    return f"{first}`syncd deliveries replay {opening.delivery} --yes` opens one{follows}."
