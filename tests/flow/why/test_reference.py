"""What a word means: each kind of name, two meanings of one word, and what is no name of anything."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from syncd.core.changes import Actor, Field, Side, Status
from syncd.errors import Conflict, NotFound
from tests.flow.why.asking import ask
from tests.flow.why.whole import Whole
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
        "http://127.0.0.1:8082/links/1",
    ],
)
def test_a_link_is_known_by_either_of_its_records(linked: World, word: str) -> None:
    answer = ask(linked, word)
    assert (answer.means, answer.case_id, answer.incident_id, answer.delivery) == ("link:1", "C-1", "I-1", None)


def test_a_bare_number_is_a_delivery(linked: World, said: int) -> None:
    for word in (str(said), f"delivery:{said}", f"https://syncd.example.net/deliveries/{said}?back=1"):
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
        "http://[",
        "https://[::1/x",
        "https://[I-1]/incidents/I-1",
    ],
)
def test_what_is_no_name_of_anything(linked: World, word: str) -> None:
    with pytest.raises(NotFound, match=r"^Nothing here is known as .*; see `syncd links list`"):
        ask(linked, word)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text() | st.text().map("http://{}".format) | st.text().map("https://case.test/cases/{}".format))
@example("http://[::1/x")
@example("https://case.test/%ED%A0%80%00")
@example("incident:#\ud800")
def test_of_any_text_it_says_a_sentence(linked: World, word: str) -> None:
    with suppress(NotFound, Conflict):
        assert ask(linked, word).verdict.sentence


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


@pytest.mark.parametrize("word", ["CS-1", "cs-1", " Cs-1 ", "case:cs-1", "https://syncd.test/cases/cs-1"])
def test_the_key_of_a_case_of_ours_is_read_as_everywhere_else(whole: Whole, word: str) -> None:
    assert (whole.ask(word).means, whole.ask(word).case_id) == ("link:1", "CS-1")


@pytest.mark.parametrize("word", ["CS-01", "CS-0", "CS-2", "case:cs-01"])
def test_what_is_no_key_of_a_case_is_not_known(whole: Whole, word: str) -> None:
    with pytest.raises(NotFound):
        whole.ask(word)


def test_a_key_of_another_system_stays_as_it_is_spelt(world: World) -> None:
    world.ask_for_incident("cs-5")
    world.drain()
    assert ask(world, "cs-5").case_id == "cs-5"
