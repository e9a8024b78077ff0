"""What a word means: each kind of name, two meanings of one word, and what is no name of anything."""

from __future__ import annotations

import pytest

from syncd.core.changes import Actor, Field, Side, Status
from syncd.errors import Conflict, NotFound
from tests.flow.why.asking import ask
from tests.flow.world import PAGERDUTY, World

BEN = Actor("Ben")


@pytest.fixture
def said(linked: World) -> int:
    """The delivery of a comment."""
    linked.comment(Side.CASE, "C-1", "Looking")
    linked.drain()
    return int(linked.last()["id"])


@pytest.mark.parametrize(
    "word",
    [
        "C-1",
        " C-1 ",
        "case:C-1",
        "CASE:C-1",
        "I-1",
        "incident:I-1",
        "link:1",
        "https://incident.test/I-1",
        "https://elsewhere.test/incidents/I-1",
        "https://elsewhere.test/incidents/I-1/?tab=timeline#log",
        "https://case.test/C-1",
    ],
)
def test_a_link_is_known_by_either_of_its_records(linked: World, word: str) -> None:
    answer = ask(linked, word)
    assert (answer.means, answer.case_id, answer.incident_id, answer.delivery) == ("link:1", "C-1", "I-1", None)


def test_a_bare_number_is_a_delivery(linked: World, said: int) -> None:
    for word in (str(said), f"delivery:{said}"):
        answer = ask(linked, word)
        assert (answer.means, answer.delivery, answer.link) == (f"delivery:{said}", said, 1)


def test_two_meanings_of_one_word_are_listed_and_told_apart(linked: World, said: int) -> None:
    linked.ask_for_incident(str(said))
    linked.drain()
    with pytest.raises(Conflict) as told:
        ask(linked, str(said))
    assert str(told.value) == f"{said} may mean 2 things here (link:2, delivery:{said}); name one of them."
    assert ask(linked, "link:2").means == ask(linked, f"case:{said}").means == "link:2"
    assert ask(linked, f"delivery:{said}").delivery == said


@pytest.mark.parametrize(
    "word",
    [
        "",
        "C-9",
        "I-9",
        "case:I-1",
        "incident:C-1",
        "delivery:99999",
        "link:9",
        "link:x",
        "https://case.test",
        "\x00",
        "9" * 30,
    ],
)
def test_what_is_no_name_of_anything(linked: World, word: str) -> None:
    with pytest.raises(NotFound, match=r"^Nothing here is known as .*; see `syncd links list`"):
        ask(linked, word)


def test_who_may_see_one_account_learns_nothing_of_others(linked: World, said: int) -> None:
    linked.incident.put("I-9", title="Another")
    linked.act(Side.INCIDENT, "I-9", Field.STATUS, Status.ACKNOWLEDGED, BEN)
    linked.drain()
    for word in ("C-1", "I-1", "link:1", f"delivery:{said}", "I-9"):
        assert ask(linked, word, within=[PAGERDUTY]).verdict.sentence
        with pytest.raises(NotFound) as kept:
            ask(linked, word, within=["other"])
        assert str(kept.value).startswith(f"Nothing here is known as {word}: ")
    linked.tell(Side.INCIDENT, "I-8")
    assert ask(linked, "I-8", within=[PAGERDUTY]).means == "incident:I-8"
    with pytest.raises(NotFound):
        ask(linked, "I-8", within=["other"])
