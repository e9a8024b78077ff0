"""Checks of services: whom an incident of one reaches, whose it is, and what happens to it when nobody comes."""

from __future__ import annotations

from datetime import datetime, timedelta

from syncd.core.routing import matches
from syncd.evidence.facts.account import Facts, Seen
from syncd.evidence.facts.services import AWAY, Service
from syncd.evidence.rules.values import Critical

from .opinion import Asked, Opinion, Opinions, Verdict, counted, opinion


def has_policy(asked: Asked) -> Opinions:
    """SVC-01. Without a choice of critical services nobody can say that they are in order, whatever else is."""
    for one in _active(asked.facts):
        yield _policy_of(one, asked.facts, " and is critical" if is_critical(one, asked.rules.critical) else "")
    yield from _unchosen(asked)


def _policy_of(one: Service, facts: Facts, mark: str) -> Opinion:
    if not one.policy:
        is_right, wrong = None if one.policy is None else False, f"it has no escalation policy{mark}"
    else:
        is_gone = facts.policies.lacks(one.policy)
        is_right, wrong = (
            None if is_gone is None else not is_gone,
            f"it has an escalation policy that no longer exists{mark}",
        )
    return opinion(one.id, one.name, is_right=is_right, wrong=wrong, unread="its escalation policy was not read")


def critical_services(facts: Facts, choice: Critical) -> tuple[Service, ...]:
    """Those that reports list; none, where nobody has chosen any."""
    return tuple(one for one in facts.services.rows if is_critical(one, choice))


def _unchosen(asked: Asked) -> Opinions:
    choice, services = asked.rules.critical, asked.facts.services
    if not choice.is_chosen:
        yield Opinion(
            "",
            "critical services",
            Verdict.UNREAD,
            "nobody has chosen which services are critical: set [evidence.critical]",
        )
        return
    choices = [
        *(Critical(ids=(one,)) for one in choice.ids),
        *(Critical(names=(one,)) for one in choice.names),
        *(Critical(teams=(one,)) for one in choice.teams),
    ]
    for one in choices:
        if not any(is_critical(service, one) for service in services.rows):
            what = next(iter((*one.ids, *one.names, *one.teams)))
            yield Opinion(
                "", "critical services", Verdict.UNREAD, f"[evidence.critical] chooses {what}, and no service is that"
            )


def is_critical(service: Service, choice: Critical) -> bool:
    return (
        service.id in choice.ids
        or any(matches(pattern, service.name) for pattern in choice.names)
        or any(team in choice.teams for team in service.teams or ())
    )


def is_answered(asked: Asked) -> Opinions:
    """SVC-02. Current is when on-calls were last collected. One without a policy is SVC-01's."""
    oncalls = asked.facts.oncalls
    at = oncalls.collected_at or asked.at
    reached = {one.policy for one in oncalls.rows if one.level == 1 and one.holds(at)}
    for one in _active(asked.facts):
        if one.policy == "":
            continue
        is_right = True if one.policy in reached else False if one.policy and oncalls.is_whole else None
        yield opinion(
            one.id,
            one.name,
            is_right=is_right,
            wrong=f"nobody was on call at the first level of its policy at {at:%Y-%m-%d %H:%M} UTC",
            unread="who is on call for it was not read",
        )


def has_team(asked: Asked) -> Opinions:
    """SVC-03."""
    for one in asked.facts.services.rows:
        is_right = None if one.teams is None else bool(one.teams)
        yield opinion(
            one.id, one.name, is_right=is_right, wrong="it belongs to no team", unread="its teams were not read"
        )


def is_not_away(asked: Asked) -> Opinions:
    """SVC-04. PagerDuty does not tell since when: it is counted from when it was first seen so, or from when the service was made."""
    limit = timedelta(days=asked.rules.away_days)
    for one in asked.facts.services.rows:
        state = "in maintenance" if one.status == "maintenance" else one.status
        is_young = one.created_at is not None and asked.at - one.created_at <= limit
        seen = asked.facts.seen.get(one.id)
        yield opinion(
            one.id,
            one.name,
            is_right=True if one.status not in AWAY or is_young else is_brief(seen, one.status, limit, asked.at),
            wrong=f"it has been {state} for more than {counted(asked.rules.away_days, 'day')}",
            unread=f"it is {state}, and was already when it was first seen: since when is not known",
        )


def is_brief(seen: Seen | None, state: str, limit: timedelta, at: datetime) -> bool | None:
    """Whether a state has lasted no longer. What was seen for too long has not; what was seen for less has, if its beginning was seen."""
    if seen is None or seen.state != state:
        return None
    if at - seen.since > limit:
        return False
    return True if seen.was_otherwise else None


def has_timeouts(asked: Asked) -> Opinions:
    """SVC-05."""
    for one in _active(asked.facts):
        off = [
            what
            for what, after in (
                ("acknowledgement timeout", one.acknowledgement_s),
                ("auto-resolve", one.auto_resolve_s),
            )
            if after == 0
        ]
        is_read = one.acknowledgement_s is not None and one.auto_resolve_s is not None
        yield opinion(
            one.id,
            one.name,
            is_right=False if off else True if is_read else None,
            wrong=f"its {' and its '.join(off)} {'is' if len(off) == 1 else 'are'} off",
            unread="its timeouts were not read",
        )


def has_urgencies(asked: Asked) -> Opinions:
    """SVC-06."""
    for one in _active(asked.facts):
        rule = one.urgency
        yield opinion(
            one.id,
            one.name,
            is_right=None if rule is None else not (rule.is_constant and rule.urgency == "high"),
            wrong="every incident of it is of high urgency, whatever happened and whenever",
            unread="its urgency rule was not read",
        )


def _active(facts: Facts) -> list[Service]:
    return [one for one in facts.services.rows if one.is_active]
