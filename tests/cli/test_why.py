"""`syncd why`: one sentence, who has to act, the command; here and on a daemon elsewhere."""

from __future__ import annotations

import pytest

from syncd.simulator import Simulator

from .conftest import Syncd

CONNECTOR = ("connectors", "add", "payments", "--integration", "acme", "--service", "Payments")


@pytest.fixture
def case(syncd: Syncd, acme: None) -> str:
    """A case whose hook no worker has looked at yet."""
    assert syncd(*CONNECTOR).code == 0
    return str(syncd("cases", "open", "Checkout is slow", "-o", "json").json[0]["key"])


def test_a_name_that_is_known_to_nobody_is_not_found(syncd: Syncd, elsewhere: str) -> None:
    here, there = syncd("why", "CS-9"), syncd("why", "CS-9", "--server", elsewhere)
    assert (here.code, here.out) == (there.code, there.out) == (4, "")
    assert here.err == there.err
    assert here.err.startswith("syncd: Nothing here is known as CS-9: no case, no incident")


def test_what_stops_it_is_told_to_people_in_lines_and_to_programs_in_json(syncd: Syncd, case: str) -> None:
    told = syncd("why", case, "-o", "table")
    assert told.code == 1
    lines = told.out.splitlines()
    assert lines[:4] == [
        "A hook is here and is looked at within seconds.",
        "Who has to act: nobody.",
        "Ask again in a minute.",
        "",
    ]
    assert lines[4].split()[:4] == ["AT", "KIND", "WHAT", "DIRECTION"]
    answer = syncd("why", case, "-o", "json")
    assert answer.code == 1
    assert (answer.json["gate"], answer.json["who"], answer.json["is_in_step"]) == (10, "nobody", False)
    assert [one["what"] for one in answer.json["path"]] == ["case.opened"]


def test_a_link_that_is_paused_names_its_command(syncd: Syncd, acme: None, link: int) -> None:
    assert syncd("why", "CS-1", "-o", "json").code == 0
    syncd("links", "pause", str(link), "--by", "Ana", "--why", "maintenance")
    paused = syncd("why", f"link:{link}", "-o", "json")
    assert (paused.code, paused.json["means"], paused.json["command"]) == (1, "link:1", "syncd links resume 1")


def test_a_daemon_elsewhere_answers_addresses_too(syncd: Syncd, elsewhere: str) -> None:
    ended = syncd("why", "https://acme.pagerduty.com/incidents/Q9?x=1", "--server", elsewhere)
    assert (ended.code, ended.out) == (4, "")
    assert "Nothing here is known as https://acme.pagerduty.com/incidents/Q9?x=1:" in ended.err


def test_an_incident_by_its_number_is_asked_of_pagerduty(syncd: Syncd, acme: None, pagerduty: Simulator) -> None:
    stray = pagerduty.people.open("By hand", "Ana Lima")
    answer = syncd("why", f"#{stray.number}", "-o", "json")
    assert answer.code == 1
    assert (answer.json["means"], answer.json["says"]) == (f"incident:{stray.id}", "No case here opened this incident.")


def test_a_form_that_is_none_is_refused_before_anybody_is_asked(syncd: Syncd) -> None:
    assert syncd("why", "CS-1", "-o", "yaml").code == 2


def test_a_service_that_does_not_appear(syncd: Syncd, acme: None) -> None:
    told = syncd("why", "service:Payments", "-o", "table")
    assert told.code == 1
    assert told.out.splitlines() == [
        "Evidence is not collected of acme, so nothing is known of its services.",
        "Who has to act: you.",
        "Switch it on: `syncd integrations set acme --evidence on`.",
    ]
    assert syncd("why", "Payments").code == 4
