"""A team chooses another policy later: the next decision follows it, and a row says who chose what."""

from __future__ import annotations

import pytest

from syncd.core.changes import Actor, Field, Side
from syncd.errors import Misconfigured, NotFound
from syncd.flow.orders.choosing import choose
from tests.flow.world import CONNECTOR, World

BEN = Actor("Ben")


def _both_change(world: World, case: str, incident: str) -> tuple[str, str]:
    world.act(Side.CASE, "C-1", Field.PRIORITY, case)
    world.act(Side.INCIDENT, "I-1", Field.PRIORITY, incident, BEN)
    world.wait(60)
    return world.case.record("C-1").priority, world.incident.record("I-1").priority


def test_the_next_decision_follows_it(linked: World) -> None:
    assert _both_change(linked, "P1", "MIDDLE") == ("P4", "MIDDLE"), "PagerDuty wins by itself"
    choose(linked.db, CONNECTOR, {"priority": "case_wins"}, by="Ana")
    assert _both_change(linked, "P1", "LOW") == ("P1", "HIGH")


def test_each_word_that_changed_is_a_row_with_who_changed_it(linked: World) -> None:
    chosen = choose(
        linked.db, CONNECTOR, {"priority": "manual", "note_edits": "append", "title": "{{ case }}"}, by="Ana"
    )
    assert (chosen["priority"], chosen["unacknowledged"], chosen["title"]) == ("manual", "follow", "{{ case }}")
    assert linked.said() == [("policy", "applied", "chosen")] * 2
    assert [(row["detail"], row["actor"], row["connector"]) for row in linked.rows()[-2:]] == [
        ("Ana changed priority of connector payments from pagerduty_wins to manual.", "Ana", CONNECTOR),
        ("Ana changed title of connector payments from the usual to {{ case }}.", "Ana", CONNECTOR),
    ]


def test_what_was_chosen_before_stays_and_a_template_can_be_taken_back(linked: World) -> None:
    choose(linked.db, CONNECTOR, {"unacknowledged": "ignore", "title": "{{ case }}"}, by="Ana")
    linked.forget()
    chosen = choose(linked.db, CONNECTOR, {"title": ""}, by="Ben")
    assert (chosen["unacknowledged"], chosen["title"]) == ("ignore", "")
    assert linked.last()["detail"] == "Ben changed title of connector payments from {{ case }} to the usual."
    assert choose(linked.db, CONNECTOR, {}, by="Ben") == chosen
    assert len(linked.said()) == 1


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"priority": "ours"}, "priority = pagerduty_wins or case_wins or newest or manual"),
        ({"priority": ""}, "priority =  is no policy"),
        ({"colour": "red"}, "colour = red is no policy; there are unacknowledged = follow or ignore"),
        ({"title": "{{ titel }}"}, "it uses titel"),
        ({"note_edits": "ignore", "priority": "P1"}, "priority = P1 is no policy"),
    ],
)
def test_a_word_that_is_none_changes_nothing_and_is_answered_with_those_there_are(
    linked: World, wanted: dict[str, str], said: str
) -> None:
    before = choose(linked.db, CONNECTOR, {}, by="Ana")
    with pytest.raises(Misconfigured, match=said):
        choose(linked.db, CONNECTOR, wanted, by="Ana")
    assert choose(linked.db, CONNECTOR, {}, by="Ana") == before
    assert linked.said() == []


def test_a_connector_that_is_not_there(linked: World) -> None:
    with pytest.raises(NotFound, match="no connector called checkout; `syncd connectors list`"):
        choose(linked.db, "checkout", {"priority": "manual"}, by="Ana")
