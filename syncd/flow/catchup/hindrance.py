"""Who or what has to let go before anything is written for a link: one sentence, with the command that does it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from syncd import errors
from syncd.core.changes import Side
from syncd.core.lifecycle import IntegrationState
from syncd.flow.accounts import cure, is_answering
from syncd.store.integrations import Integration
from syncd.store.links import StoredLink


def hindrance(stored: StoredLink, accounts: Mapping[Side, Integration], written: Collection[Side]) -> str:
    """`written` are the sides that what differs would be written to. Nothing: nobody stands in the way."""
    if stored.link.is_paused:
        return f"The link is paused, so nothing is written for it; `syncd links resume {stored.id}` lets it go on."
    return next((said for side in Side if (said := _of_account(accounts[side], is_written=side in written))), "")


def _of_account(account: Integration, *, is_written: bool) -> str:
    slug = account.slug
    if account.is_paused:
        resumes = f"{account.why_paused.rstrip('.')}; `syncd integrations resume {slug}`"
        if account.is_observed and is_written:
            return f"{resumes} and then `syncd integrations observe {slug} --off` let it go on."
        return f"{resumes} lets it go on."
    if account.state is IntegrationState.DISCONNECTED and (is_written or not is_answering(account)):
        return f"Integration {slug} is disconnected ({account.code}). {cure(account)}"
    if account.is_unread:
        return f"A restored backup is being caught up with in {slug}, which goes on by itself; see `syncd status`."
    if account.is_observed and is_written:
        return (
            f"Integration {slug} is only observed, so nothing is written there; `syncd integrations observe {slug} --off` "
            "has it written to again."
        )
    return ""


def unreadable(side: Side, ref: str, account: Integration, error: errors.SideError) -> errors.SyncdError:
    """Why a record could not be read, and whom that can be left to: only some of it passes by itself."""
    why = f"The {side} {ref} cannot be read now ({errors.cause_of(str(error))})"
    match error:
        case errors.Unauthorised():
            return errors.Misconfigured(f"{why}. {cure(account)}")
        case errors.OffLimits():
            return errors.Misconfigured(f"The {side} {ref} cannot be read now: {error}")
        case errors.Refused():
            return errors.Conflict(f"{why}; what {account.slug} allows says `syncd integrations test {account.slug}`.")
        case _:
            return errors.Unavailable(f"{why}; try again later.")
