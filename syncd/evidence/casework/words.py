"""What a finding's case says. Its last line names every subject, so that the next words can say what came and what went."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from syncd.evidence.findings.check import Check
from syncd.evidence.findings.judging import Finding, Remark, Result
from syncd.evidence.findings.opinion import counted

SHOWN = 50  # of subjects with their sentences; all of them are named in the last line
_LISTED = "Subjects: "
_ACCOUNT = "(account)"  # how a remark about the account as a whole stands in that line


def title(check: Check, account: str) -> str:
    return f"{check.id} {check.title}: not in {account}"


def body(check: Check, account: str, finding: Finding, subjects: Collection[str]) -> str:
    return "\n".join(
        [
            f"{check.question} In {account}: {finding.sentence}",
            "",
            *_remarks(finding.wrong),
            "",
            f"What helps: {check.cure} To live with it for a time: `syncd evidence accept {check.id} --until DATE --why REASON`.",
            "This case is kept up to date, and is closed once the check passes.",
            "",
            listed(subjects),
        ]
    )


def comment(check: Check, finding: Finding, before: Collection[str], subjects: Collection[str]) -> str:
    match finding.result:
        case Result.PASS:
            return f"{check.id} passes: {finding.sentence} This case is closed by that."
        case Result.ACCEPTED:
            until = [one.acceptance for one in finding.accepted if one.acceptance is not None]
            why = f" By {until[0].by} until {until[0].until:%Y-%m-%d %H:%M} UTC: {until[0].why}" if until else ""
            return f"{check.id} is accepted: {finding.sentence}{why}"
        case Result.NOT_APPLICABLE:
            return f"{check.id} has nothing to judge any more: {finding.sentence} A person decides whether this case is over."
        case _:
            return _changed(check, finding, before, subjects)


def _changed(check: Check, finding: Finding, before: Collection[str], subjects: Collection[str]) -> str:
    came = [one for one in finding.wrong if _word(one.subject) not in before]
    went = sorted(set(before) - set(subjects))
    told = [f"{check.id} fails: {finding.sentence}"]
    if came:
        told += ["", f"New ({counted(len(came), 'subject')}):", *_remarks(came)]
    if went:
        more = f" and {len(went) - SHOWN} more" if len(went) > SHOWN else ""
        told += ["", f"Not among them any more (in order, accepted or gone): {', '.join(went[:SHOWN])}{more}."]
    return "\n".join([*told, "", listed(subjects)])


def _remarks(remarks: Sequence[Remark]) -> list[str]:
    shown = [f"- {_named(one)}: {one.sentence}" for one in remarks[:SHOWN]]
    return [*shown, *([f"- and {len(remarks) - SHOWN} more"] if len(remarks) > SHOWN else [])]


def _named(one: Remark) -> str:
    return f"{one.name} ({one.subject})" if one.subject and one.name != one.subject else one.name or "the account"


def subjects_of(finding: Finding) -> frozenset[str]:
    return frozenset(_word(one.subject) for one in finding.wrong)


def _word(subject: str) -> str:
    return "_".join(subject.split()) or _ACCOUNT


def listed(subjects: Collection[str]) -> str:
    return _LISTED + " ".join(sorted(subjects))


def told_in(text: str) -> frozenset[str]:
    """The subjects that an earlier text of ours named."""
    last = text.rstrip().rpartition("\n")[2]
    return frozenset(last.removeprefix(_LISTED).split()) if last.startswith(_LISTED) else frozenset()
