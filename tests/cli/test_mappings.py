"""`syncd mappings ...`: shown, tried on what really came, and changed."""

from __future__ import annotations

import pytest

from syncd.simulator import Simulator

from .conftest import Syncd

CONNECTOR = ("connectors", "add", "payments", "--integration", "acme", "--service", "Payments")
POLICY = "P1=P1 P2=P2 P3=P3 P4=P4 P5=P5"


@pytest.fixture
def connector(syncd: Syncd, acme: None) -> None:
    assert syncd(*CONNECTOR).code == 0


def test_what_a_connector_makes_of_things_is_shown(syncd: Syncd, connector: None) -> None:
    table = syncd("mappings", "show", "payments", "-o", "table")
    assert table.code == 0
    lines = [line.split() for line in table.out.splitlines()]
    assert lines[:2] == [["CASE", "PAGERDUTY"], ["P1", "P1"]]
    assert ["incident", "acknowledge", "status:", "acknowledged"] in lines
    told = syncd("mappings", "show", "payments").json
    assert (told["path"], told["tried"], told["unmapped"], told["events"]) == ("Bi-directional", None, [], [])


def test_another_map_is_tried_and_then_set(syncd: Syncd, connector: None, pagerduty: Simulator) -> None:
    tried = syncd("mappings", "try", "payments", "P1=P2", "P2=P2", "-o", "table")
    assert tried.code == 0
    assert tried.err == "Mind: Not mapped: P3, P4, P5; such a priority is recorded and not sent.\n"
    assert syncd("connectors", "list").json[0]["priorities"] == POLICY, "nothing is stored"
    done = syncd("mappings", "set", "payments", "P1=P2", "P2=P2", "--by", "Eve")
    assert (done.code, done.out) == (0, "The priorities of payments are P1=P2, P2=P2.\n")
    assert done.err == tried.err, "what is left out is said by whoever leaves it out"
    assert syncd("mappings", "show", "payments", "-o", "table").err == tried.err
    assert syncd("connectors", "list").json[0]["priorities"] == "P1=P2 P2=P2"
    (row,) = syncd("deliveries", "list", "reason:chosen").json
    assert (row["actor"], row["detail"].startswith("Eve changed the priorities of connector payments")) == ("Eve", True)
    again = syncd("mappings", "set", "payments", "P1=P2", "P2=P2")
    assert again.out == "The priorities of payments are P1=P2, P2=P2, as they were.\n"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("show", "till"), 4, "There is no connector called till"),
        (("try", "payments", "P9=P1"), 2, "cases has no priority P9"),
        (("set", "payments", "P1=Odd"), 2, "P1=Odd names no priority that acme has"),
    ],
)
def test_what_cannot_be_is_told(syncd: Syncd, connector: None, words: tuple[str, ...], code: int, said: str) -> None:
    ended = syncd("mappings", *words)
    assert (ended.code, ended.out) == (code, "")
    assert said in ended.err


def test_one_priority_of_cases_that_stands_there_twice_says_which_is_written(syncd: Syncd, connector: None) -> None:
    done = syncd("mappings", "set", "payments", "P1=P2", "P1=P1", "P2=P2", "P3=P3", "P4=P4", "P5=P5")
    assert done.code == 0
    assert done.err == "Mind: P1 stands there 2 times (P2, P1): the first, P2, is the one that is written.\n"
    assert syncd("mappings", "show", "payments").json["warnings"] == [done.err.removeprefix("Mind: ").strip()]


def test_a_daemon_elsewhere_is_asked(syncd: Syncd, elsewhere: str) -> None:
    for words in (("show", "till"), ("try", "till", "P1=P1"), ("set", "till", "P1=P1")):
        ended = syncd("mappings", *words, "--server", elsewhere)
        assert (ended.code, ended.out) == (4, "")
        assert "There is no connector called till" in ended.err
