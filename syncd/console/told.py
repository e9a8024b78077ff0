"""What a person is told who holds a link or an account back, or lets it go on. The first of two who pause one stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from syncd.flow.finding import counted
from syncd.store.integrations import Integration


def link_paused(row: Mapping[str, Any], *, is_changed: bool) -> str:
    if is_changed:
        return (
            f"{_link(row)} is paused: on neither side anything is written for it. What changes meanwhile is kept, in its "
            f"order, until `syncd links resume {row['id']}`."
        )
    since = "" if row["paused_at"] is None else f" since {_minute(row['paused_at'])}"
    return f"{_link(row)} is paused already{since}, and nothing was changed. {row['pause_reason']}"


def link_resumed(
    row: Mapping[str, Any], paused: Sequence[Integration] = (), away: Sequence[Integration] = (), *, is_changed: bool
) -> str:
    """`paused`: accounts of it that a person has paused as well; `away`: that are disconnected."""
    if is_changed and paused:
        first = paused[0]
        return (
            f"{_link(row)} is no longer paused by itself; what was kept stays kept, since {first.slug} is paused by "
            f"{first.paused_by}, until `syncd integrations resume {first.slug}`."
        )
    if is_changed and away:
        names = " and ".join(f"{one.slug} is disconnected ({one.code})" for one in away)
        return (
            f"{_link(row)} goes on: what was kept goes out in its order, but {names}, and what is for it stays kept until it is "
            f"connected again: `syncd integrations test {away[0].slug}` says what is wrong."
        )
    if is_changed:
        return f"{_link(row)} goes on: what was kept goes out in its order."
    return f"{_link(row)} was not paused, and nothing was changed."


def account_paused(one: Integration, kept: int, *, is_changed: bool) -> str:
    if is_changed:
        return (
            f"Integration {one.slug} is paused: on neither side anything is written for its links. Hooks are still taken, and "
            f"what changes is kept, in its order, until `syncd integrations resume {one.slug}` ({_changes(kept)} so far)."
        )
    since = "" if one.paused_at is None else f" since {_minute(one.paused_at)}"
    return f"Integration {one.slug} is paused already{since}, by {one.paused_by}, and nothing was changed: {one.pause_reason}"


def account_resumed(one: Integration, kept: int, *, is_changed: bool) -> str:
    if not is_changed:
        return f"Integration {one.slug} was not paused, and nothing was changed."
    if one.observed_at is None:
        return f"Integration {one.slug} goes on: what was kept goes out in its order ({_changes(kept)})."
    return (
        f"Integration {one.slug} is no longer paused ({_changes(kept)} kept), and still only observed: what is for it and was "
        f"asked for before {_minute(one.observed_at)} stays kept until `syncd integrations observe {one.slug} --off`, and what "
        "came later is only told."
    )


def account_observed(one: Integration, kept: int, *, is_changed: bool) -> str:
    if not is_changed:
        return f"Integration {one.slug} is only observed already, by {one.observed_by}, and nothing was changed."
    told = "`syncd deliveries list --outcome ignored` shows"
    before = (
        f" What was asked for before ({_changes(kept)}) is kept until `syncd integrations observe {one.slug} --off`."
        if kept
        else ""
    )
    if one.is_paused:
        return (
            f"Integration {one.slug} is only observed, and still paused: on neither side of its links anything is written. "
            f"What would be written there {told} after `syncd integrations resume {one.slug}`.{before}"
        )
    return (
        f"Integration {one.slug} is only observed: nothing is written there, and what would be, {told}; for the other side of "
        f"its links nothing changes.{before}"
    )


def account_written_again(one: Integration, kept: int, *, is_changed: bool) -> str:
    if not is_changed:
        return f"Integration {one.slug} was not only observed, and nothing was changed."
    before = f"; what was asked for before that goes out in its order ({_changes(kept)})" if kept else ""
    if one.is_paused:
        return (
            f"Integration {one.slug} is no longer only observed, and still paused: nothing is written there until `syncd "
            f"integrations resume {one.slug}`{before}."
        )
    return f"Integration {one.slug} is written to again{before}."


def two_way_switched(one: Integration, _kept: int, *, is_changed: bool) -> str:
    if not is_changed:
        return f"Two-way sync of {one.slug} is {'on' if one.is_two_way else 'off'} already, and nothing was changed."
    if one.is_two_way:
        return (
            f"Two-way sync of {one.slug} is on: what happens there changes cases again, and what happened while it was off is "
            "brought over by workers within a minute."
        )
    return (
        f"Two-way sync of {one.slug} is off: connectors still open and update its incidents, and what people do there changes no "
        "case; `syncd deliveries list --reason sync_off` shows it."
    )


def acting_switched(one: Integration, *, is_changed: bool) -> str:
    if not is_changed:
        return f"Acting as the person is {'on' if one.acts_as_person else 'off'} already for {one.slug}, and nothing was changed."
    if one.acts_as_person:
        return (
            f"What people change on cases is written to {one.slug} in their own names from now on, where they have a user there with "
            f"the same e-mail address who may respond; all else goes out as {one.settings.get('from', 'our own user')}."
        )
    return f"Everything is written to {one.slug} as {one.settings.get('from', 'our own user')} from now on."


def reading_switched(one: Integration, *, is_changed: bool) -> str:
    if not is_changed:
        return f"{one.slug} is {'only read' if one.is_read_only else 'written to'} already, and nothing was changed."
    if one.is_read_only:
        return f"{one.slug} is only read from now on: no incident is opened or changed there."
    return (
        f"{one.slug} is written to from now on. What was not written until now stays so: `syncd deliveries list --reason read_only` "
        "shows it, and `syncd deliveries replay` does one of them."
    )


def evidence_switched(one: Integration, *, is_changed: bool) -> str:
    if not is_changed:
        how = f"is collected from {one.slug} already" if one.gives_evidence else f"is not collected from {one.slug}"
        return f"Evidence {how}, and nothing was changed."
    if one.gives_evidence:
        return f"Evidence is collected from {one.slug} from now on; `syncd evidence status {one.slug}` shows how far that is."
    return f"Evidence is collected from {one.slug} no more; what was collected stays."


def _changes(kept: int) -> str:
    return counted(kept, "change", "changes")


def _link(row: Mapping[str, Any]) -> str:
    return f"Link {row['id']} ({row['case_id']}, {row['incident_id'] or 'no incident yet'})"


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
