"""Every shape of PagerDuty's errors, and which refusals have a word of their own."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.errors import Ambiguous, Postponed, RateLimited, Refused, SideError, Unauthorised, UnknownSender, Unreachable
from syncd.systems.answer import Answer
from syncd.systems.pagerduty.fault import Fault, explain, is_key_taken, read


def answer(status: int, body: object, *, method: str = "PUT") -> Answer:
    return Answer("PagerDuty", method, "/incidents/Q1", status, {}, body, "", is_write=method != "GET")


def error(message: str, code: int | None, *errors: str) -> dict[str, object]:
    return {"error": {"message": message, "code": code, "errors": list(errors)}}


SHAPES: list[tuple[object, Fault]] = [
    (error("Not Found", 2100), Fault("Not Found", 2100)),
    (error("Arguments Caused Error", 2002, "A.", "B."), Fault("Arguments Caused Error, A, B", 2002)),
    ({"error": {"message": "No", "code": "2001", "errors": "Title is empty"}}, Fault("No, Title is empty", 2001)),
    ({"error": {"message": "No", "code": 2001, "errors": None}}, Fault("No", 2001)),
    ({"error": {"message": "No", "errors": [{"message": "Deep"}]}}, Fault("No, Deep")),
    ({"error": {"code": 2001}}, Fault("", 2001)),
    (
        {"error": "We were unable to determine the user's identity."},
        Fault("We were unable to determine the user's identity"),
    ),
    ({"error": ["One", "Two"]}, Fault("One, Two")),
    ({"error": [{"message": "One"}, 7]}, Fault("One")),
    ({"error": None}, Fault("")),
    ({"errors": ["Alone"]}, Fault("Alone")),
    ({"message": "Alone", "code": 9}, Fault("Alone", 9)),
    (
        {"error": {"message": "Scopes", "code": 2010, "required_scopes": "incidents.write", "token_scopes": "openid"}},
        Fault("Scopes, required scopes: incidents.write, token scopes: openid", 2010),
    ),
    ("Bad Gateway", Fault("")),
    (None, Fault("")),
    ([], Fault("")),
    ({}, Fault("")),
    (error("Odd code", None), Fault("Odd code")),
    ({"error": {"message": "Odd code", "code": True}}, Fault("Odd code")),
    ({"error": {"message": "Odd code", "code": "x" * 20}}, Fault("Odd code")),
]


@pytest.mark.parametrize(("body", "fault"), SHAPES)
def test_every_shape_is_read(body: object, fault: Fault) -> None:
    assert read(answer(400, body)) == fault


@pytest.mark.parametrize(
    ("status", "body", "kind", "reason"),
    [
        (400, error("Requester User Not Found", 1008), UnknownSender, None),
        (400, error("Requester not authorized to perform action", 1018), UnknownSender, None),
        (403, error("Requester not authorized to perform action", 1018), UnknownSender, None),
        (400, error("You must specify a requester_id", 2011), UnknownSender, None),
        (400, error("Missing Arguments", 2003, "The From header is required"), UnknownSender, None),
        (400, error("Escalation Policy Has No User On Call", 1015), Refused, "nobody_on_call"),
        (400, error("Invalid Priority", 1020), Refused, "unknown_priority"),
        (400, error("Invalid Input Provided", 2001, "Priority id cannot be empty"), Refused, "unknown_priority"),
        (400, error("Invalid Input Provided", 2001, "Title cannot be empty"), Refused, "refused"),
        (400, error("Incident Already Resolved", 1001), Refused, "refused"),
        (400, error("Incident Already Acknowledged", 1002), Refused, "refused"),
        (400, error("Data Updated Since Last Request", 1005), Postponed, "outdated"),
        (409, error("Data Updated Since Last Request", 1005), Postponed, "outdated"),
        (404, error("Data Updated Since Last Request", 1005), Refused, "gone"),
        (400, error("Incident Already Merged", 1019), Refused, "merged"),
        (400, {"error": "The From header is required"}, UnknownSender, None),
        (400, {"error": ["Invalid priority"]}, Refused, "unknown_priority"),
        (400, error("Arguments Caused Error", 2002), Refused, "refused"),
        (400, {"error": "No"}, Refused, "refused"),
        (400, None, Refused, "refused"),
        (401, error("Authentication failed", 2006), Unauthorised, None),
        (401, None, Unauthorised, None),
        (402, error("Missing Account Ability", 2014), Refused, "refused"),
        (403, error("Access Denied", 2010), Refused, "forbidden"),
        (403, error("Priority is not yours", 2018), Refused, "forbidden"),
        (404, error("Not Found", 2100), Refused, "gone"),
        (404, error("Incident Not Found", 5001), Refused, "gone"),
        (408, error("The request took too long", 2016), Ambiguous, None),
        (413, None, Refused, "refused"),
        (429, error("Rate Limit Exceeded", 2020), RateLimited, None),
        (429, None, RateLimited, None),
        (500, error("Internal", 2000), Ambiguous, None),
        (503, None, Ambiguous, None),
    ],
)
def test_the_status_decides_first_then_the_code_then_the_text(
    status: int, body: object, kind: type[SideError], reason: str | None
) -> None:
    told = explain(answer(status, body))
    assert type(told) is kind
    assert told.status == status
    assert told.code == read(answer(status, body)).code
    assert getattr(told, "reason", None) == reason


def test_a_read_that_met_a_500_was_only_not_reached() -> None:
    assert type(explain(answer(500, None, method="GET"))) is Unreachable


def test_a_429_without_headers_asks_for_five_seconds() -> None:
    told = explain(answer(429, None))
    assert isinstance(told, RateLimited)
    assert told.retry_after == 5


def test_only_the_taken_key_is_a_taken_key() -> None:
    taken = error(
        "Arguments Caused Error", 2002, "Open incident with matching dedup key already exists on this service"
    )
    for body, is_it in ((taken, True), (error("Arguments Caused Error", 2002, "Merging is not possible"), False)):
        told = explain(answer(400, body, method="POST"))
        assert told is not None
        assert is_key_taken(told) is is_it


def test_a_sentence_names_the_cause_the_code_and_the_cure() -> None:
    assert str(explain(answer(400, error("Requester User Not Found", 1008)))) == (
        "PagerDuty answered 400 to PUT /incidents/Q1: Requester User Not Found (code 1008); "
        "let that user respond to incidents, or name another by `syncd integrations set NAME --email ADDRESS`."
    )


words = st.sampled_from(["error", "message", "code", "errors", "required_scopes"])
bodies = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4),
    max_leaves=15,
)


@given(bodies, st.integers(300, 599))
def test_any_body_becomes_one_sentence(body: object, status: int) -> None:
    told = explain(answer(status, json.loads(json.dumps(body))))
    assert told is not None
    assert str(told).startswith(f"PagerDuty answered {status} to PUT")
    assert str(told).endswith(".")
