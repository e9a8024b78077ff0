"""The first gates, which are the same for every record: is it collected at all, may the key read it, does it see it, and is it up to date."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from syncd.core.diagnostics import CATALOGUE
from syncd.core.why.proving import Proving
from syncd.core.why.verdict import Act, Verdict, Who
from syncd.evidence.facts.dataset import EVERY, Lack, Missing, Name, all_told

from .known import Account, Known

#: At which gate each lack stops whoever asks.
GATES: Mapping[Lack, Proving] = {
    Lack.SCOPE: Proving.PERMITTED,
    Lack.PERMISSION: Proving.PERMITTED,
    Lack.PLAN: Proving.PERMITTED,
    Lack.HIDDEN: Proving.VISIBLE,
    Lack.UNTOLD: Proving.VISIBLE,
    Lack.SHRUNK: Proving.VISIBLE,
    Lack.NOT_YET: Proving.COLLECTED,
    Lack.NOT_THEN: Proving.COLLECTED,
    Lack.THROTTLED: Proving.COLLECTED,
    Lack.FAILED: Proving.COLLECTED,
    Lack.NOT_GIVEN: Proving.COLLECTED,
    Lack.OLD: Proving.COLLECTED,
    Lack.UNREADABLE: Proving.READABLE,
    Lack.ALTERED: Proving.READABLE,
}
#: Collected with every incident, and most of what they take.
_LOGS = frozenset({Name.INCIDENTS, Name.OPEN_INCIDENTS})


def before_anything(known: Known, what: str) -> Verdict | None:
    """`what`: services, schedules, incidents."""
    one = known.account
    if not one.is_collected:
        said = f"Evidence is not collected of {one.slug}, so nothing is known of its {what}."
        remedy = f"Switch it on: `syncd integrations set {one.slug} --evidence on`."
        return Verdict(Proving.SWITCHED_ON, said, Who.YOU, remedy, Act.COLLECT, one.slug)
    if one.away:
        said = f"{one.slug} is disconnected ({one.code}), so nothing of it is collected: {one.away}."
        return Verdict(Proving.CONNECTED, said, Who.YOU, _cured(one.code, one), Act.RECONNECT, one.slug, one.code)
    if one.why_paused:
        said = f"{one.why_paused.rstrip('.')}, so nothing of it is collected."
        remedy = f"`syncd integrations resume {one.slug}` lets it go on."
        return Verdict(Proving.CONNECTED, said, Who.YOU, remedy, Act.RESUME_ACCOUNT, one.slug)
    return None


def unread(known: Known, names: Iterable[Name], *, part: str = "", spared: Collection[Lack] = ()) -> Verdict | None:
    """What is missing of these datasets as a whole, or of this record: the earliest gate of all. `spared`: lacks that do not matter, of
    one that is there mostly that the key may hide others.
    """
    found = [verdict for name in names for verdict in _unread(known, name, part, spared)]
    return min(found, key=lambda one: (int(one.gate), not one.code), default=None)


def _unread(known: Known, name: Name, part: str, spared: Collection[Lack]) -> Iterable[Verdict]:
    dataset = known.aged.of(name)
    lacks = [one for one in dataset.missing if one.part in {"", part} and one.why not in spared]
    if dataset.collected_at is None and not lacks:
        lacks = [Missing(Lack.NOT_YET)]
    return (verdict_of(known.account, name, one) for one in lacks)


def verdict_of(account: Account, name: Name, lack: Missing) -> Verdict:
    gate = GATES[lack.why]
    said = f"{all_told([lack], name)[0]} ({account.slug})."
    who, remedy, act, code = _mended(account, name, lack)
    return Verdict(gate, said[0].upper() + said[1:], who, remedy, act, account.slug if act else "", code)


def _mended(account: Account, name: Name, lack: Missing) -> tuple[Who, str, Act | None, str]:
    slug = account.slug
    match lack.why:
        case Lack.SCOPE | Lack.PERMISSION | Lack.HIDDEN:
            code = "SYN-PAG-READS" if lack.why is Lack.SCOPE else "SYN-PAG-SIGHT"
            return Who.YOU, _cured(code, account), Act.RECONNECT, code
        case Lack.PLAN:
            return Who.NOBODY, "There is nothing to do: checks of it are not applicable.", None, ""
        case Lack.THROTTLED:
            return Who.NOBODY, _throttled(slug, name), None, ""
        case Lack.NOT_GIVEN:
            return Who.YOU, "Name it in the settings: `syncd config check` shows where they come from.", None, ""
        case Lack.UNREADABLE:
            return Who.YOU, "Report it, with what is said here: nothing passes by it.", None, ""
        case Lack.UNTOLD:
            said = f"`syncd evidence collect {slug}` asks once more, and `syncd doctor {slug}` says what keeps it from being told."
            return Who.YOU, said, Act.COLLECT, ""
        case Lack.SHRUNK:
            said = f"`syncd integrations test {slug}` says what the key sees now, and `syncd evidence collect {slug}` confirms what is gone."
            return Who.YOU, said, Act.COLLECT, ""
        case Lack.NOT_YET | Lack.NOT_THEN | Lack.OLD | Lack.FAILED | Lack.ALTERED:
            return (
                Who.YOU,
                f"`syncd evidence collect {slug}` collects it now; {_by_itself(slug, name, lack.why)}.",
                Act.COLLECT,
                "",
            )


def _by_itself(slug: str, name: Name, why: Lack) -> str:
    match why:
        case Lack.OLD:
            return "see by `syncd status` that a worker runs, which does so by itself"
        case Lack.FAILED:
            return f"see what it met: `syncd evidence status {slug}`"
        case _:
            return f"a worker does so every {_hours(name)}"


def _throttled(slug: str, name: Name) -> str:
    said = f"It goes on by itself; `syncd evidence status {slug}` tells how far it is."
    if name not in _LOGS:
        return said
    return (
        f"{said} Where thousands of incidents come in an hour, let their logs be read over the whole account, 100 entries to a request: "
        'evidence_log_strategy = "account".'
    )


def _hours(name: Name) -> str:
    hours = EVERY[name].total_seconds() / 3600
    return "hour" if hours == 1 else f"{hours:.0f} h"


def _cured(code: str, account: Account) -> str:
    entry = CATALOGUE.get(code)
    return "" if entry is None else entry.cured(account.slug, is_by_oauth=account.is_by_oauth)
