"""Gates 2 and 3: the change has somewhere to go, and sync is on in its direction."""

from __future__ import annotations

from syncd.core.changes import Side
from syncd.core.errand import ErrandKind
from syncd.core.link import LinkState
from syncd.errors import cause_of

from .facts import Facts, Stage, Way
from .gate import Gate
from .verdict import Act, Verdict, Who


def linked(facts: Facts, way: Way) -> Verdict | None:
    link = facts.link
    if link.is_cut or any(side not in facts.accounts for side in Side):
        said = (
            f"The link of {link.case_id} has ended for good: its connector or an account of it was removed, or moved."
        )
        if link.stands and not link.is_incident_over:
            said = f"{said.rstrip('.')}, and its incident stands all the same."
            return Verdict(
                Gate.LINKED,
                said,
                Who.YOU,
                f"Deal with {link.stands} itself: another case would call people a second time.",
            )
        return Verdict(Gate.LINKED, said, Who.YOU, "Open another case for what is still to be done.")
    if link.state is LinkState.ENDED:
        return _ended(facts)
    is_opening = way.change is not None and way.change.kind is ErrandKind.OPEN and way.change.stage is not Stage.DEAD
    if link.state is LinkState.FAILED and not is_opening:
        return _failed(facts)
    return None


def _failed(facts: Facts) -> Verdict:
    link = facts.link
    said = f"{link.case_id} has no incident, because none could be opened: {cause_of(link.reason)}."
    held = sum(one.stage is Stage.HELD for one in facts.changes)
    waits = f" {held} later of its changes follow it then." if held else ""
    if link.opening is None:
        return Verdict(Gate.LINKED, said, Who.YOU, "Call by hand whoever has to know, and open another case.")
    remedy = (
        "Call by hand whoever has to know; once that is mended, "
        f"`syncd deliveries replay {link.opening} --yes` opens it.{waits}"
    )
    return Verdict(Gate.LINKED, said, Who.YOU, remedy, Act.REPLAY, str(link.opening))


def _ended(facts: Facts) -> Verdict:
    link = facts.link
    if link.is_case_over:
        said = f"{link.case_id} was over before its incident was opened, so there is none and nothing to sync."
        return Verdict(Gate.LINKED, said, Who.NOBODY, "Should the case be reopened, an incident is opened for it.")
    if facts.accounts[Side.INCIDENT].is_read_only:
        return _read_only(facts.accounts[Side.INCIDENT].slug)
    said = f"{link.case_id} has no incident: {cause_of(link.reason or 'its link has ended')}."
    if link.opening is None:
        return Verdict(Gate.LINKED, said, Who.YOU, "Open another case for what is still to be done.")
    remedy = f"`syncd deliveries replay {link.opening} --yes` opens one, if one is wanted."
    return Verdict(Gate.LINKED, said, Who.YOU, remedy, Act.REPLAY, str(link.opening))


def switched_on(facts: Facts, way: Way) -> Verdict | None:
    """Of what was decided already it was on then; to an account that is only read nothing goes at any time."""
    there = facts.accounts[Side.INCIDENT]
    if way.to is Side.INCIDENT:
        return _read_only(there.slug) if there.is_read_only else None
    if way.is_decided:
        return None
    if facts.link.is_service_key or not there.can_be_read:
        return _service_key(facts)
    return None if there.is_two_way else _one_way(there.slug)


def _service_key(facts: Facts) -> Verdict:
    name = facts.link.connector
    return Verdict(
        Gate.SWITCHED_ON,
        f"Connector {name} sends by a service key, and by one nothing comes back: what people do in PagerDuty does not reach "
        f"{facts.link.case_id}.",
        Who.YOU,
        "Update the case by hand; for the cases to come make one that syncs both ways: `syncd connectors add`.",
        Act.ADD_CONNECTOR,
        name,
    )


def _one_way(slug: str) -> Verdict:
    return Verdict(
        Gate.SWITCHED_ON,
        f"Two-way sync of {slug} is off, so what people do to its incidents changes no case.",
        Who.YOU,
        f"`syncd integrations two-way {slug} on` switches it on, and what happened meanwhile is brought over.",
        Act.SWITCH_TWO_WAY,
        slug,
    )


def _read_only(slug: str) -> Verdict:
    return Verdict(
        Gate.SWITCHED_ON,
        f"{slug} was connected to be only read, so nothing is written there.",
        Who.YOU,
        f"`syncd integrations set {slug} --read-only off` lets it be written to, once its key may: `syncd integrations rotate {slug}` gives "
        "it another.",
        Act.RECONNECT,
        slug,
    )
