"""Gate 11: both sides say the same, as far as is known, or as was read just now."""

from __future__ import annotations

from syncd.core.changes import Field

from .facts import Apart, Facts
from .gate import Gate
from .verdict import Act, Verdict, Who


def in_step(facts: Facts) -> Verdict:
    link, compared = facts.link, facts.compared
    who = f"{link.case_id} and {link.incident_id or 'its incident'}"
    if compared is not None and compared.failed:
        return Verdict(
            Gate.IN_STEP,
            f"Nothing is known to stop {who}, and they could not be compared: {compared.failed}",
            Who.YOU,
            "Ask again once they can be read.",
        )
    if compared is not None and compared.differences:
        said = f"{who} differ, as was read just now: {'; '.join(compared.differences)}."
        return Verdict(Gate.IN_STEP, said, Who.YOU, compared.remedy, Act.COMPARE, str(link.id))
    if compared is not None:
        said = f"{who} are in step: both were read just now and say the same."
        return Verdict(Gate.IN_STEP, said, remedy=_besides(facts), stops=False)
    if link.differs:
        apart = "; ".join(_apart(one) for one in link.differs)
        said = f"{who} are known to differ: {apart}, and nothing is on its way."
        remedy = f"`syncd links compare {link.id}` reads both, and says what helps."
        return Verdict(Gate.IN_STEP, said, Who.YOU, remedy, Act.COMPARE, str(link.id))
    looking = (one.looking for one in facts.hooks.values())
    remedy = " ".join(filter(None, (_READ.format(link=link.id), *looking, _besides(facts))))
    return Verdict(Gate.IN_STEP, f"{who} are in step, as far as is known.", Who.NOBODY, remedy, stops=False)


def _besides(facts: Facts) -> str:
    """What stops nothing, as far as anybody can tell."""
    return " ".join(one.of_strangers for one in facts.hooks.values() if one.of_strangers)


def _apart(one: Apart) -> str:
    if one.field == Field.STATUS:
        return f"the case is {one.case} and the incident {one.incident}"
    return f"the {one.field} of the case is {one.case} and that of the incident {one.incident}"


_READ = "`syncd links compare {link}` reads both now, to be sure."
