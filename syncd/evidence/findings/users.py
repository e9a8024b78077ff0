"""Checks of users: that whoever is on call can be reached, and that nobody is there, or may do more, than is meant."""

from __future__ import annotations

from datetime import timedelta

from syncd.evidence.facts.account import Facts
from syncd.evidence.facts.users import ADMIN, OWNER, User
from syncd.evidence.rules.values import Rules

from .opinion import Asked, Opinion, Opinions, Verdict, counted, opinion
from .schedules import coverage_of
from .services import is_brief

_MANY = 6  # users, of whom at least one is on a list that is theirs
INVITED = "invited"  # the state in which a user is seen while an invitation is open


def can_be_reached(asked: Asked) -> Opinions:
    """USR-01. On call is whoever is so now, or will be in the time that schedules are looked ahead for."""
    window = asked.rules.ahead(asked.at)
    for schedule in asked.facts.schedules.rows:
        found = coverage_of(schedule.id, asked.facts)
        if found is None or not found.window.has(window):
            yield Opinion(
                schedule.id, schedule.name, Verdict.UNREAD, "who is on call by it is not known for all of that time"
            )
    for person in sorted(on_call(asked.facts)):
        user = asked.facts.users.find(person)
        if user is None:
            yield Opinion(person, person, Verdict.UNREAD, "is on call, and was not read among the users")
            continue
        wrong, is_read = _unreachable(user, asked.rules)
        told = " and ".join(wrong)
        yield opinion(
            person,
            user.name,
            is_right=False if wrong else True if is_read else None,
            wrong=f"is on call and has {told}",
            unread="the contact methods or notification rules were not read",
        )


def on_call(facts: Facts) -> frozenset[str]:
    by_schedule = (one.coverage.people for one in facts.coverage.rows)
    return frozenset(one.user for one in facts.oncalls.rows).union(*by_schedule)


def _unreachable(user: User, rules: Rules) -> tuple[list[str], bool]:
    """What is wrong, and whether everything of it was read."""
    wrong: list[str] = []
    if user.contacts is not None:
        number = sum(user.contacts.values())
        if number < rules.contacts:
            wrong.append(f"{counted(number, 'contact method')} where there should be {rules.contacts}")
        if not any(user.contacts.get(kind) for kind in rules.loud):
            wrong.append(f"no {' or '.join(rules.loud)} among them")
    urgencies = None if user.notified is None else {one.urgency for one in user.notified}
    is_told = urgencies is not None and ("high" in urgencies or None not in urgencies)
    if urgencies is not None and is_told and "high" not in urgencies:
        wrong.append("no rule that tells of incidents of high urgency")
    return wrong, user.contacts is not None and is_told


def has_few_admins(asked: Asked) -> Opinions:
    """USR-02. The share is one of all users, so that with some of them missing nothing can be said."""
    users, rules = asked.facts.users, asked.rules
    admins, owners = ([one for one in users.rows if one.role == role] for role in (ADMIN, OWNER))
    limit = max(rules.admins, len(users.rows) * rules.admins_percent // 100)
    yield opinion(
        "admins",
        "Global Admins",
        is_right=(None if not users.is_whole else len(admins) <= limit),
        wrong=f"{counted(len(admins), 'user is a Global Admin', 'users are Global Admins')} of {len(users.rows)}, where at most "
        f"{limit} should be",
        people=tuple(one.id for one in admins),
        unread="not all users were read",
    )
    yield opinion(
        "owner",
        "account owner",
        is_right=(False if len(owners) > rules.owners else len(owners) == rules.owners if users.is_whole else None),
        wrong=f"{counted(len(owners), 'user is account owner', 'users are account owners')} where there should be {rules.owners}",
        people=tuple(one.id for one in owners),
        unread="not all users were read",
    )


def has_a_place(asked: Asked) -> Opinions:
    """USR-03."""
    facts = asked.facts
    for one in facts.users.rows:
        places = (_in_a_team(one, facts), _in_a_policy(one.id, facts), _in_a_schedule(one.id, facts))
        yield opinion(
            one.id,
            one.name,
            is_right=True if any(places) else None if None in places else False,
            wrong="is in no team, on no escalation policy and in no schedule",
            unread="in which teams, policies and schedules this user is was not read",
        )


def _in_a_team(user: User, facts: Facts) -> bool | None:
    if facts.teams.is_off_plan:
        return False
    if user.teams:
        return True
    found = facts.teams.any(lambda team: team.has(user.id))
    return None if user.teams is None and not found else found


def _in_a_policy(user: str, facts: Facts) -> bool | None:
    return facts.policies.any(lambda one: None if one.levels is None else user in one.users)


def _in_a_schedule(user: str, facts: Facts) -> bool | None:
    return facts.schedules.any(lambda one: None if one.users is None else user in one.users)


def has_come(asked: Asked) -> Opinions:
    """USR-04. PagerDuty does not tell when somebody was invited: it is counted from when the invitation was first seen."""
    limit = timedelta(days=asked.rules.invitation_days)
    for one in asked.facts.users.rows:
        is_invited = one.is_invited
        seen = asked.facts.seen.get(one.id)
        yield opinion(
            one.id,
            one.name,
            is_right=is_brief(seen, INVITED, limit, asked.at) if is_invited else None if is_invited is None else True,
            wrong=f"has not taken up an invitation for more than {counted(asked.rules.invitation_days, 'day')}",
            unread="whether the invitation is still open was not read"
            if is_invited is None
            else "was invited before users were first collected: since when the invitation is open is not known",
        )


def is_listed(asked: Asked) -> Opinions:
    """USR-05. A list that nobody of many is on is another one: not everybody is accused by it."""
    users, roster = asked.facts.users.rows, asked.facts.roster
    absent = {one.id: roster.lacks(one.address) if one.address else None for one in users}
    are_absent = sum(one is True for one in absent.values())
    is_another = are_absent >= _MANY and False not in absent.values()
    for one in users:
        is_absent = absent[one.id]
        yield opinion(
            one.id,
            one.name,
            is_right=None if is_absent is None or is_another else not is_absent,
            wrong="is not on the organisation's list of people",
            unread=f"none of {are_absent} users is on the list of people, so that it is hardly theirs: see which file evidence_roster names"
            if is_another and one.address
            else "there is no list of people to compare with"
            if one.address
            else "the address to compare by was not read",
        )
