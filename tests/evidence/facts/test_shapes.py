"""Records as the API writes them: what is kept, what "null" and "not there" mean, and what is of another shape."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from syncd.evidence.facts.dataset import Lack, Missing, Name, all_told
from syncd.evidence.facts.incidents import Actor, Entry, Incident, entry_of, incident_of
from syncd.evidence.facts.oncalls import OnCall, oncall_of
from syncd.evidence.facts.policies import Level, Policy, Target, policy_of
from syncd.evidence.facts.reading import Unexpected, read_all
from syncd.evidence.facts.services import Service, SupportHours, UrgencyRule, service_of
from syncd.evidence.facts.teams import Ability, Member, Team, abilities_of, member_of, team_of
from syncd.evidence.facts.users import NotificationRule, User, digest, user_of

Json = dict[str, Any]
KEY = b"of this installation"


def _ref(record_id: str, kind: str) -> Json:
    return {
        "id": record_id,
        "type": f"{kind}_reference",
        "summary": f"{kind} {record_id}",
        "self": None,
        "html_url": None,
    }


def _service(**changes: object) -> Json:
    return {
        "id": "PS1",
        "type": "service",
        "summary": "Checkout",
        "name": "Checkout",
        "status": "warning",
        "auto_resolve_timeout": None,
        "acknowledgement_timeout": 600,
        "created_at": "2015-11-06T11:12:51-05:00",
        "escalation_policy": _ref("PE1", "escalation_policy"),
        "teams": [_ref("PT1", "team")],
        "integrations": [
            _ref("PI1", "generic_email_inbound_integration"),
            _ref("PI2", "events_api_v2_inbound_integration"),
        ],
        "incident_urgency_rule": {
            "type": "use_support_hours",
            "during_support_hours": {"type": "constant", "urgency": "high"},
            "outside_support_hours": {"type": "constant", "urgency": "low"},
        },
        "support_hours": {
            "type": "fixed_time_per_day",
            "time_zone": "America/Lima",
            "days_of_week": [1, 2, 5],
            "start_time": "09:00:00",
            "end_time": "17:00:00",
        },
        **changes,
    }


def test_a_service() -> None:
    assert service_of(_service()) == Service(
        id="PS1",
        name="Checkout",
        status="warning",
        policy="PE1",
        teams=("PT1",),
        integrations=2,
        acknowledgement_s=600,
        auto_resolve_s=0,
        urgency=UrgencyRule(is_constant=False, during="high", outside="low"),
        support_hours=SupportHours("America/Lima", (1, 2, 5), "09:00:00", "17:00:00"),
        created_at=datetime(2015, 11, 6, 16, 12, 51, tzinfo=UTC),
    )


def test_null_is_none_and_what_is_not_there_is_not_known() -> None:
    empty = service_of(_service(escalation_policy=None, teams=[], integrations=[], support_hours=None))
    assert (empty.policy, empty.teams, empty.integrations, empty.support_hours) == ("", (), 0, None)
    left_out = ("escalation_policy", "teams", "integrations", "acknowledgement_timeout", "incident_urgency_rule")
    bare = service_of({key: one for key, one in _service().items() if key not in left_out})
    assert (bare.policy, bare.teams, bare.integrations, bare.acknowledgement_s, bare.urgency) == (None,) * 5


@pytest.mark.parametrize("status", ["active", "warning", "critical", "maintenance", "disabled"])
def test_a_service_is_active_while_it_opens_incidents(status: str) -> None:
    assert service_of(_service(status=status)).is_active == (status not in {"maintenance", "disabled"})


def test_a_deleted_reference_is_none() -> None:
    gone = {"id": None, "type": "escalation_policy_reference", "summary": None}
    assert service_of(_service(escalation_policy=gone)).policy == ""
    assert service_of(_service(teams=[gone, _ref("PT2", "team")])).teams == ("PT2",)


def test_a_policy() -> None:
    rule = {"id": "PR1", "escalation_delay_in_minutes": 30}
    targets = [
        _ref("PU1", "user"),
        _ref("PC1", "schedule"),
        _ref("PC2", "schedule_v3"),
        {"id": None, "type": "user_reference"},
    ]
    given = {
        "id": "PE1",
        "type": "escalation_policy",
        "name": "Checkout",
        "num_loops": 2,
        "escalation_rules": [{**rule, "targets": targets}, {**rule, "targets": []}],
        "services": [_ref("PS1", "service")],
        "teams": [],
    }
    people = (Target("PU1", is_schedule=False), Target("PC1", is_schedule=True), Target("PC2", is_schedule=True))
    found = policy_of(given)
    assert found == Policy("PE1", "Checkout", (Level(30, people), Level(30, ())), 2, ("PS1",), ())
    assert (set(found.users), set(found.schedules)) == ({"PU1"}, {"PC1", "PC2"})
    assert policy_of({"id": "PE1"}) == Policy("PE1", "PE1", None, None, None, None)


def _user(**changes: object) -> Json:
    contacts = [
        {**_ref("PM1", "email_contact_method"), "address": "ana.lima@acme.example"},
        {
            "id": "PM2",
            "type": "phone_contact_method",
            "address": "5555550123",
            "country_code": 1,
            "label": "Ana's phone",
        },
        {"id": "PM3", "type": "push_notification_contact_method", "address": "device-secret-token"},
        _ref("PM4", "phone_contact_method"),
    ]
    rules = [
        {"id": "PN1", "type": "assignment_notification_rule", "urgency": "high", "contact_method": contacts[1]},
        _ref("PN2", "assignment_notification_rule"),
    ]
    return {
        "id": "PU1",
        "type": "user",
        "name": "Ana Lima",
        "email": "Ana.Lima@acme.example ",
        "role": "admin",
        "invitation_sent": False,
        "teams": [_ref("PT1", "team")],
        "job_title": "Engineer",
        "contact_methods": contacts,
        "notification_rules": rules,
        **changes,
    }


def test_a_user_is_kept_without_addresses_and_numbers() -> None:
    found = user_of(_user(), KEY)
    assert found == User(
        id="PU1",
        name="Ana Lima",
        role="admin",
        address=digest("ana.lima@ACME.example", KEY),
        teams=("PT1",),
        contacts={"email": 1, "phone": 2, "push": 1},
        notified=(NotificationRule("phone", "high"), NotificationRule("", None)),
        is_invited=False,
    )
    assert not re.search(r"acme\.example|5555550123|device-secret|Ana's phone", repr(found), re.IGNORECASE)


def test_a_digest_needs_the_key_it_was_made_with() -> None:
    assert digest("ana@acme.example", KEY) == digest(" ANA@acme.example", KEY) != digest("ana@acme.example", b"another")


def test_what_an_answer_does_not_tell_of_a_user_is_not_known() -> None:
    bare = user_of({"id": "PU1", "role": "user"}, KEY)
    assert bare == User("PU1", "PU1", "user", "", None, None, None, None)


def test_a_team_its_members_and_abilities() -> None:
    member = member_of({"user": _ref("PU1", "user"), "role": "manager"})
    assert team_of({"id": "PT1", "name": "Payments"}, (member,)) == Team("PT1", "Payments", (Member("PU1", "manager"),))
    assert team_of({"id": "PT1", "name": "Payments"}, None).has("PU1") is None
    assert abilities_of({"abilities": ["teams", "urgencies"]}) == (Ability("teams"), Ability("urgencies"))


def _oncall(**changes: object) -> Json:
    return {
        "user": _ref("PU1", "user"),
        "escalation_policy": _ref("PE1", "escalation_policy"),
        "escalation_level": 2,
        "schedule": None,
        "start": None,
        "end": None,
        **changes,
    }


def test_an_on_call() -> None:
    assert oncall_of(_oncall()) == OnCall("PU1", "PE1", 2)
    assert oncall_of(_oncall()).holds(datetime(2026, 1, 1, tzinfo=UTC))
    times = {"start": "2026-03-06T15:28:51-05:00", "end": "2026-03-07T15:28:51-05:00"}
    found = oncall_of(_oncall(schedule=_ref("PC1", "schedule_v3"), **times))
    assert (found.schedule, found.start, found.end) == (
        "PC1",
        datetime(2026, 3, 6, 20, 28, 51, tzinfo=UTC),
        datetime(2026, 3, 7, 20, 28, 51, tzinfo=UTC),
    )


def _incident(**changes: object) -> Json:
    return {
        "id": "Q1",
        "incident_number": 12,
        "created_at": "2026-11-01T08:00:00Z",
        "status": "resolved",
        "urgency": "high",
        "title": "Cards of jo@acme.example are refused",
        "service": _ref("PS1", "service"),
        "teams": [_ref("PT1", "team")],
        "priority": {"id": "PP1", "type": "priority", "name": "P1", "summary": "P1"},
        "resolve_reason": None,
        **changes,
    }


def test_an_incident_is_kept_without_its_words() -> None:
    began = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
    assert incident_of(_incident()) == Incident("Q1", 12, began, "resolved", "PS1", "high", "P1", ("PT1",), False, None)
    merged = {"type": "merge_resolve_reason", "incident": _ref("Q2", "incident")}
    assert incident_of(_incident(resolve_reason=merged, priority=None), ()).is_merged
    assert incident_of(_incident(priority=None), ()) == Incident(
        "Q1", 12, began, "resolved", "PS1", "high", "", ("PT1",), False, ()
    )


def _entry(
    kind: str = "acknowledge", agent: Json | None = None, channel: str | None = "website", **changes: object
) -> Json:
    given = {"id": "R1", "type": f"{kind}_log_entry", "created_at": "2026-11-01T08:03:00Z"}
    shown = None if channel is None else {"type": channel}
    return {**given, "agent": _ref("PU1", "user") if agent is None else agent, "channel": shown, **changes}


@pytest.mark.parametrize(
    ("agent", "channel", "actor"),
    [
        (_ref("PU1", "user"), "website", Actor.PERSON),
        (_ref("PU1", "user"), "mobile", Actor.PERSON),
        (_ref("PU1", "user"), "a new one", Actor.PERSON),
        (_ref("PU1", "user"), None, Actor.PERSON),
        (_ref("PU1", "user"), "api", Actor.API),
        (_ref("PI1", "inbound_integration"), None, Actor.API),
        (_ref("PI1", "events_api_v2_inbound_integration"), "api", Actor.API),
        (_ref("PA1", "app"), None, Actor.API),
        (_ref("PB1", "bot_user"), "website", Actor.API),
        (_ref("PS1", "service"), "api", Actor.API),
        (_ref("PS1", "service"), "timeout", Actor.AUTO),
        (_ref("PU1", "user"), "timeout", Actor.AUTO),
        (_ref("PS1", "service"), "auto", Actor.AUTO),
        (_ref("PS1", "service"), None, Actor.UNKNOWN),
        ({}, None, Actor.UNKNOWN),
    ],
)
def test_who_did_it(agent: Json, channel: str | None, actor: Actor) -> None:
    assert entry_of(_entry(agent=agent, channel=channel)).actor is actor


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("trigger", Entry.TRIGGER),
        ("acknowledge", Entry.ACKNOWLEDGE),
        ("acknowledgement", Entry.ACKNOWLEDGE),
        ("unacknowledge", Entry.UNACKNOWLEDGE),
        ("resolve", Entry.RESOLVE),
        ("annotate", Entry.OTHER),
        ("reach_ack_limit", Entry.OTHER),
        ("something_new", Entry.OTHER),
    ],
)
def test_what_was_done(kind: str, what: Entry) -> None:
    assert entry_of(_entry(kind)).what is what


@pytest.mark.parametrize(
    ("given", "has_note"),
    [
        (_entry("resolve", note="Card gateway restarted."), True),
        (_entry("resolve", note="  "), False),
        (_entry("resolve", note=None), False),
        (_entry("acknowledge", note="On it."), False),
        ({**_entry("annotate"), "channel": {"type": "note", "content": "Resolution Note: restarted"}}, True),
        ({**_entry("annotate"), "channel": {"type": "note", "summary": "Resolution Note: restarted"}}, True),
        ({**_entry("annotate"), "channel": {"type": "note", "content": "Resolution Note: "}}, False),
        ({**_entry("annotate"), "channel": {"type": "note", "content": "restarted"}}, False),
    ],
)
def test_a_resolution_note_is_known_and_its_words_are_not_kept(given: Json, has_note: bool) -> None:
    found = entry_of(given)
    assert found.has_note is has_note
    assert "restarted" not in repr(found)


@pytest.mark.parametrize(
    ("read", "given", "where"),
    [
        (service_of, _service(id=7), "id is no text"),
        (service_of, _service(acknowledgement_timeout="600"), "acknowledgement_timeout is no whole number"),
        (service_of, _service(acknowledgement_timeout=True), "acknowledgement_timeout is no whole number"),
        (service_of, _service(teams={}), "teams is no list"),
        (service_of, _service(teams=["PT1"]), "teams[0] is no object"),
        (service_of, _service(created_at="yesterday"), "created_at is no time"),
        (service_of, _service(created_at="2026-11-01T08:00:00"), "created_at is no time with a zone"),
        (
            policy_of,
            {"id": "PE1", "escalation_rules": [{"escalation_delay_in_minutes": 1}]},
            "escalation_rules.targets is no list",
        ),
        (
            policy_of,
            {"id": "PE1", "escalation_rules": [{"escalation_delay_in_minutes": 1, "targets": [_ref("P1", "robot")]}]},
            "escalation_rules.targets.type (robot) is no user or schedule",
        ),
        (oncall_of, _oncall(user=None), "user is no object"),
        (
            oncall_of,
            {key: one for key, one in _oncall().items() if key != "schedule"},
            "schedule is no reference or null",
        ),
        (abilities_of, {"abilities": [1]}, "abilities is no list of texts"),
        (entry_of, _entry(created_at=None), "created_at is no text"),
    ],
)
def test_another_shape_says_where(read: Callable[[Json], object], given: Json, where: str) -> None:
    with pytest.raises(Unexpected, match=re.escape(where)):
        read(given)


def test_one_record_that_cannot_be_read_is_missing_and_the_others_are_not() -> None:
    rows, missing = read_all([_service(), _service(id="PS2", teams=7), "PS3", _service(id=None)], service_of)
    assert [one.id for one in rows] == ["PS1"]
    assert missing == (
        Missing(Lack.UNREADABLE, "PS2", "teams is no list"),
        Missing(Lack.UNREADABLE, "", "[2] is no object"),
        Missing(Lack.UNREADABLE, "", "id is no text"),
    )
    assert missing[0].told(Name.SERVICES) == "services PS2: what PagerDuty answered cannot be read (teams is no list)"


def test_many_records_that_are_missing_for_one_reason_are_one_sentence() -> None:
    parts = [Missing(Lack.THROTTLED, f"Q{at}") for at in range(5)]
    assert all_told(
        [*parts, Missing(Lack.UNREADABLE, "Q9", "[2] is no object"), Missing(Lack.SCOPE, needs="incidents.read")],
        Name.INCIDENTS,
    ) == [
        "incidents Q0, Q1, Q2, and 2 more: PagerDuty limited the requests, and the rest is still to be read",
        "incidents Q9: what PagerDuty answered cannot be read ([2] is no object)",
        "incidents: the token lacks a scope (incidents.read)",
    ]
