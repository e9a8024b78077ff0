"""Every line of the table of errors, as the simulator gives it: which line an answer is taken for, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from syncd.errors import Ambiguous, Postponed, RateLimited, Refused, SideError, Unauthorised, UnknownSender, Unreachable
from syncd.simulator import BOT_EMAIL, Fault, Simulator
from syncd.systems.answer import Answer
from syncd.systems.http import Http
from syncd.systems.pagerduty import client
from syncd.systems.pagerduty.fault import NO_ANSWER, TABLE, Meaning, meaning_of, read
from tests.parts.loopback import LOOPBACK
from tests.parts.ports import free_port
from tests.systems.trips import trip

OTHER_CODE = 2001  # one that no line names


@dataclass(frozen=True, slots=True)
class Way:
    """One way by which an answer falls under a line."""

    line: Meaning
    status: int
    code: int
    message: str | None

    def name(self) -> str:
        return f"{self.status}-{self.line.words if self.message else self.code}"

    def fault(self, shape: str = "normal") -> Fault:
        return Fault(methods=("PUT",), status=self.status, code=self.code, message=self.message, shape=shape)


def ways(line: Meaning) -> list[Way]:
    told = [(code, None) for code in line.codes] + ([(OTHER_CODE, f"The {line.words} is wrong")] if line.words else [])
    return [Way(line, status, *one) for status in line.statuses for one in told or [(OTHER_CODE, None)]]


WAYS = [way for line in TABLE for way in ways(line)]
ERRORS: dict[str, tuple[type[SideError], str | None]] = {
    "The incident is resolved already.": (Refused, "refused"),
    "The incident is acknowledged already.": (Refused, "refused"),
    "The incident changed while it was written.": (Postponed, "outdated"),
    "The From user is unknown, or may not respond to incidents.": (UnknownSender, None),
    "The From header is missing, or names nobody.": (UnknownSender, None),
    "Nobody is on call for the service.": (Refused, "nobody_on_call"),
    "The incident was merged into another.": (Refused, "merged"),
    "The priority is unknown.": (Refused, "unknown_priority"),
    "An open incident of the service has our key.": (Refused, "refused"),
    "The request is wrong in another way.": (Refused, "refused"),
    "The key is not accepted.": (Unauthorised, None),
    "The account lacks the ability.": (Refused, "refused"),
    "The key may not do this; an OAuth token's scopes are named, those it needs and those it has.": (
        Refused,
        "forbidden",
    ),
    "The incident is gone.": (Refused, "gone"),
    "Too many requests.": (RateLimited, None),
    "Something on the way redirects: a proxy, a sign-in page, or an address that is not quite the right one.": (
        Ambiguous,
        None,
    ),
    "PagerDuty has trouble of its own.": (Ambiguous, None),
}


def put(http: Http) -> SideError:
    with pytest.raises(SideError) as caught:
        http.send(trip(), "PUT", "/incidents/Q1", json={})
    return caught.value


def test_every_line_is_told_here_and_no_two_say_the_same() -> None:
    assert [line.means for line in TABLE] == list(ERRORS)


@pytest.mark.parametrize("way", WAYS, ids=Way.name)
def test_an_answer_is_taken_for_its_line_and_becomes_its_error(sim: Simulator, http: Http, way: Way) -> None:
    sim.faults.lay(way.fault())
    error = put(http)
    assert (type(error), getattr(error, "reason", None)) == ERRORS[way.line.means]
    assert (error.status, error.code) == (way.status, way.code)


@pytest.mark.parametrize("shape", ["string", "array", "errors_string", "message"])
def test_words_are_found_in_every_shape(sim: Simulator, http: Http, shape: str) -> None:
    for way in WAYS:
        if way.message is not None:
            sim.faults.lay(way.fault(shape))
            assert (type(error := put(http)), getattr(error, "reason", None)) == ERRORS[way.line.means], way


@pytest.mark.parametrize("shape", ["html", "empty"])
def test_a_page_of_html_is_judged_by_its_status_and_not_quoted(sim: Simulator, http: Http, shape: str) -> None:
    for way in WAYS:
        sim.faults.lay(way.fault(shape))
        error = put(http)
        assert (error.status, error.code) == (way.status, None)
        assert "<" not in str(error)
        assert not isinstance(error, Postponed | UnknownSender)


@pytest.mark.parametrize("way", WAYS, ids=Way.name)
def test_the_first_line_that_fits_is_the_one(way: Way) -> None:
    body = {"error": {"message": way.message or "No", "code": way.code}}
    given = Answer("PagerDuty", "PUT", "/incidents/Q1", way.status, {}, body, "", is_write=True)
    assert meaning_of(given, read(given)) is way.line


def test_no_answer_is_told_apart_by_what_may_have_landed(sim: Simulator, http: Http) -> None:
    away = client.http(sim.keys.full, BOT_EMAIL, f"http://127.0.0.1:{free_port()}", outgoing=LOOPBACK)
    assert type(put(away)) is Unreachable
    faults = [Fault(cut=True), Fault(cut=True, applied=True), Fault(delay_s=11), Fault(status=504, apply_after_s=5)]
    for fault in (*faults, Fault(partial=True)):
        ref = sim.people.open("Checkout is slow").id
        sim.faults.lay(fault)
        with pytest.raises(Ambiguous):
            http.send(trip(), "PUT", f"/incidents/{ref}", json={"incident": {"status": "acknowledged"}})
    assert [str(reason) for _, _, reason in NO_ANSWER] == ["unreachable", "ambiguous", "ambiguous"]
