"""What the simulated PagerDuty says when it refuses: one exception, its codes and their texts."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.simulator.asked import Answer, Json, answer

MESSAGES: dict[int, str] = {
    1001: "Incident Already Resolved",
    1002: "Incident Already Acknowledged",
    1003: "Invalid Status Provided",
    1004: "Invalid ID Provided",
    1005: "Data Updated Since Last Request",
    1007: "Assigned To User Not Found",
    1008: "Requester User Not Found",
    1012: "Incident is not Acknowledged",
    1013: "Snooze Duration is Invalid",
    1014: "Escalation Policy Not Found",
    1015: "Escalation Policy Has No User On Call",
    1018: "Requester not authorized to perform action",
    1019: "Incident Already Merged",
    1020: "Invalid Priority",
    2000: "An internal error has occurred. PagerDuty team has been notified.",
    2001: "Invalid Input Provided",
    2002: "Arguments Caused Error",
    2003: "Missing Arguments",
    2004: "Invalid time values in 'since' and/or 'until' parameters",
    2005: "Invalid Query Date Range",
    2006: "Authentication failed",
    2010: "Access Denied",
    2012: "Your account is expired and cannot use the API",
    2014: "Missing Account Ability",
    2016: "The request took too long to process",
    2018: "Access Denied: You may have lost access to this incident if it has been resolved",
    2019: "Product Limit Reached",
    2020: "Rate Limit Exceeded",
    2100: "Not Found",
    5001: "Incident Not Found",
    5002: "Service Not Found",
}


class Refused(Exception):
    """`more` stands in the error beside its message."""

    def __init__(
        self, status: int, code: int, *errors: str, message: str | None = None, more: Json | None = None
    ) -> None:
        super().__init__(f"{status} {code} {message or MESSAGES[code]}")
        self.status, self.code, self.errors, self.message = status, code, errors, message
        self.more = more or {}

    def answer(self) -> Answer:
        body = error_body(self.code, self.errors, self.message)
        return answer(self.status, {"error": {**body["error"], **self.more}})


class Unknown(LookupError):
    """A control act names something the simulator does not hold."""


def error_body(code: int, errors: Sequence[str] = (), message: str | None = None) -> Json:
    said = message or MESSAGES.get(code, "Unknown Error")
    return {"error": {"message": said, "code": code, "errors": list(errors)}}


def invalid(*errors: str) -> Refused:
    return Refused(400, 2001, *errors)


def not_found() -> Refused:
    return Refused(404, 2100)
