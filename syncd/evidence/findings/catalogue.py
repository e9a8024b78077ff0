"""The 24 checks as data, in their order. A new one is a function, a row here and a test; `make docs` writes docs/findings.md from it."""

from __future__ import annotations

from collections.abc import Mapping

from syncd.evidence.facts.dataset import Name
from syncd.evidence.times import stated

from . import incidents, policies, schedules, services, users
from .check import Check, Controls

_RESPONSE = Controls(("CC7.3", "CC7.4"), ("A.5.24", "A.5.26"), ("IR-4", "IR-8"))  # somebody is there to respond
_READINESS = Controls(("CC7.4", "A1.2"), ("A.5.24", "A.5.29"), ("IR-4", "CP-2"))  # at all times
_OWNERSHIP = Controls(("CC1.3", "CC2.2"), ("A.5.2", "A.5.9"), ("IR-7", "CM-8"))
_MONITORING = Controls(("CC7.2", "CC7.3"), ("A.8.16", "A.5.25"), ("SI-4", "IR-5"))
_ACCESS = Controls(("CC6.2", "CC6.3"), ("A.5.16", "A.5.18"), ("AC-2",))
_PRIVILEGE = Controls(("CC6.1", "CC6.3"), ("A.5.18", "A.8.2"), ("AC-2", "AC-6"))
_TIMELINESS = Controls(("CC7.4",), ("A.5.26",), ("IR-4", "IR-5"))
_LEARNING = Controls(("CC7.4", "CC7.5"), ("A.5.27", "A.5.28"), ("IR-4", "IR-5", "IR-6"))

_SERVICES = frozenset({Name.SERVICES})
_POLICIES = frozenset({Name.POLICIES})
_SCHEDULES = frozenset({Name.SCHEDULES})
_USERS = frozenset({Name.USERS})
_TEAMS = frozenset({Name.TEAMS})
_INCIDENTS = frozenset({Name.INCIDENTS})

CATALOGUE: tuple[Check, ...] = (
    Check(
        id="SVC-01",
        title="Services have an escalation policy",
        question="Does every active service have an escalation policy that exists, and the critical ones among them?",
        ask=services.has_policy,
        needs=_SERVICES | _POLICIES,
        controls=_RESPONSE,
        cure="Give the service an escalation policy: in PagerDuty under Services, the service, Settings.",
        rules=("critical",),
    ),
    Check(
        id="SVC-02",
        title="Somebody is on call for services",
        question="Was somebody on call at the first level of every active service's policy when on-calls were last collected?",
        ask=services.is_answered,
        needs=_SERVICES | frozenset({Name.ONCALLS}),
        controls=_READINESS,
        cure="Put a person, or a schedule without a gap, on the first level of the service's escalation policy.",
    ),
    Check(
        id="SVC-03",
        title="Services belong to a team",
        question="Does every service belong to a team?",
        ask=services.has_team,
        needs=_SERVICES | frozenset({Name.ABILITIES}),
        controls=_OWNERSHIP,
        cure="Give the service's escalation policy a team: in PagerDuty a service belongs to the teams of its policy.",
        ability="teams",
    ),
    Check(
        id="SVC-04",
        title="No service is away for long",
        question="Is no service disabled or in maintenance for too long?",
        ask=services.is_not_away,
        needs=_SERVICES,
        controls=_MONITORING,
        cure="Enable the service, end its maintenance, or delete it if nothing uses it any more.",
        rules=("away_days",),
    ),
    Check(
        id="SVC-05",
        title="Services have both timeouts",
        question="Do active services call again when an acknowledgement is forgotten, and resolve what nobody resolves?",
        ask=services.has_timeouts,
        needs=_SERVICES,
        controls=_RESPONSE,
        cure="Set both timeouts of the service, or accept that it has none.",
    ),
    Check(
        id="SVC-06",
        title="Urgency depends on something",
        question="Do active services tell high urgency from low, by severity, by support hours or by being low?",
        ask=services.has_urgencies,
        needs=_SERVICES | frozenset({Name.ABILITIES}),
        controls=_MONITORING,
        cure="Let the service take urgency from the severity of alerts, or from its support hours.",
        ability="urgencies",
        is_informational=True,
    ),
    Check(
        id="EP-01",
        title="Escalation policies call somebody",
        question="Does every escalation policy have a level that calls somebody?",
        ask=policies.has_rule,
        needs=_POLICIES,
        controls=_RESPONSE,
        cure="Add a level with a person or a schedule to the policy, or delete it.",
    ),
    Check(
        id="EP-02",
        title="Escalation policies have a second person",
        question="Does every escalation policy have several levels, and a later one that calls somebody the first does not?",
        ask=policies.has_levels,
        needs=_POLICIES | _SCHEDULES,
        controls=_READINESS,
        cure="Add a level that calls other people, or another schedule.",
        rules=("levels",),
    ),
    Check(
        id="EP-03",
        title="Escalation does not run out",
        question="Does every escalation policy go round again, or end at a schedule?",
        ask=policies.goes_on,
        needs=_POLICIES,
        controls=_READINESS,
        cure="Let the policy repeat if nobody acknowledges, or let its last level be a schedule.",
        rules=("loops",),
    ),
    Check(
        id="EP-04",
        title="Escalation policies are used",
        question="Is every escalation policy used by a service?",
        ask=policies.is_used,
        needs=_POLICIES | _SERVICES,
        controls=_OWNERSHIP,
        cure="Delete the policy, or give it to the service it was made for.",
    ),
    Check(
        id="SCH-01",
        title="Schedules have no gap",
        question="Is somebody on call at every minute of every schedule in the days to come?",
        ask=schedules.has_no_gap,
        needs=_SCHEDULES | frozenset({Name.COVERAGE}),
        controls=_READINESS,
        cure="Add people, layers or an override for the time that is named.",
        rules=("gap_days",),
    ),
    Check(
        id="SCH-02",
        title="Schedules have several people",
        question="Do several people take turns in every schedule?",
        ask=schedules.has_participants,
        needs=_SCHEDULES,
        controls=_READINESS,
        cure="Add another person to the schedule.",
        rules=("participants",),
    ),
    Check(
        id="SCH-03",
        title="Schedules have layers",
        question="Does every schedule have a layer, or a rotation?",
        ask=schedules.has_turns,
        needs=_SCHEDULES,
        controls=_READINESS,
        cure="Add a layer or a rotation, or delete the schedule.",
    ),
    Check(
        id="SCH-04",
        title="Schedules are used and owned",
        question="Is every schedule used by an escalation policy, and does it belong to a team?",
        ask=schedules.is_used_and_owned,
        needs=_SCHEDULES | _POLICIES | _TEAMS,
        controls=_OWNERSHIP,
        cure="Give the schedule a team, and put it on an escalation policy or delete it.",
        spares=_TEAMS,
    ),
    Check(
        id="SCH-05",
        title="Nobody is on call twice at once",
        question="Is nobody on call in two schedules at the same time in the days to come?",
        ask=schedules.books_nobody_twice,
        needs=_SCHEDULES | frozenset({Name.COVERAGE}),
        controls=_READINESS,
        cure="Make an override for one of the two, or leave it if one of them is only a second level.",
        rules=("gap_days",),
        is_informational=True,
    ),
    Check(
        id="USR-01",
        title="Whoever is on call can be reached",
        question="Has everybody on call several ways to be reached, one that rings, and a rule for high urgency?",
        ask=users.can_be_reached,
        needs=_USERS | _SCHEDULES | frozenset({Name.ONCALLS, Name.COVERAGE}),
        controls=_RESPONSE,
        cure="Ask the user to add a phone number or PagerDuty's app, and a notification rule for high urgency.",
        rules=("contacts", "loud", "gap_days"),
    ),
    Check(
        id="USR-02",
        title="Few may do everything",
        question="Are there few Global Admins, and is there one account owner?",
        ask=users.has_few_admins,
        needs=_USERS,
        controls=_PRIVILEGE,
        cure="Give those who do not administer the account another role: Responder, Manager or a role in their team.",
        rules=("admins", "admins_percent", "owners"),
    ),
    Check(
        id="USR-03",
        title="Everybody has a place",
        question="Is every user in a team, on an escalation policy or in a schedule?",
        ask=users.has_a_place,
        needs=_USERS | _TEAMS | _POLICIES | _SCHEDULES,
        controls=_ACCESS,
        cure="Put the user where they belong, or remove them.",
        spares=_TEAMS,
    ),
    Check(
        id="USR-04",
        title="Invitations are taken up",
        question="Is no invitation open for too long?",
        ask=users.has_come,
        needs=_USERS,
        controls=_ACCESS,
        cure="Send the invitation again, or remove the user.",
        rules=("invitation_days",),
    ),
    Check(
        id="USR-05",
        title="Users are people of the organisation",
        question="Is everybody who has a user on the organisation's own list of people?",
        ask=users.is_listed,
        needs=_USERS | frozenset({Name.ROSTER}),
        controls=_ACCESS,
        cure="Remove users of people who have left; a user of a program is accepted with its reason.",
    ),
    Check(
        id="INC-01",
        title="Incidents are acknowledged in time",
        question="Did a person acknowledge enough incidents of each priority within its target?",
        ask=incidents.is_acknowledged_in_time,
        needs=_INCIDENTS,
        controls=_TIMELINESS,
        cure="Look at who was called, and when: `syncd why INCIDENT`.",
        rules=("targets", "acknowledge_percent", "window_days", "api_is_person", "programs"),
        stated=stated,
    ),
    Check(
        id="INC-02",
        title="Incidents are resolved in time",
        question="Were enough incidents of each priority resolved within its target?",
        ask=incidents.is_resolved_in_time,
        needs=_INCIDENTS,
        controls=_TIMELINESS,
        cure="Look at what they waited for: `syncd why INCIDENT`; one that could not be faster is accepted with its reason.",
        rules=("targets", "resolve_percent", "window_days", "clock"),
        stated=stated,
    ),
    Check(
        id="INC-03",
        title="No incident is left open",
        question="Is no incident open, or unacknowledged, for too long?",
        ask=incidents.is_not_left,
        needs=frozenset({Name.OPEN_INCIDENTS}),
        controls=_MONITORING,
        cure="Acknowledge or resolve the incident.",
        rules=("open_days", "unacknowledged_hours"),
    ),
    Check(
        id="INC-04",
        title="Grave incidents are written up",
        question="Has every resolved incident of the highest priorities a resolution note, and a linked case that is closed?",
        ask=incidents.is_written_up,
        needs=_INCIDENTS | frozenset({Name.CASES}),
        controls=_LEARNING,
        cure="Write down how the incident was resolved, and close its case.",
        rules=("noted_priorities", "with_case", "window_days"),
    ),
)

CHECKS: Mapping[str, Check] = {one.id: one for one in CATALOGUE}
