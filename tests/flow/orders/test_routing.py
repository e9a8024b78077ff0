"""A person changes the rules: in their order, all at once from a file, refused with the key, and each change is a row."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncd.connections.routing.file import Reading, written
from syncd.core.routing import SHIPPED, Preset, Rule, Trait
from syncd.errors import Conflict, Misconfigured, NotFound
from syncd.flow.orders import routing
from syncd.store import presets, routes
from syncd.store.connectors import Connector
from tests.flow.world import CASES, CONNECTOR, PAGERDUTY, World


def never(_: str) -> Any:  # noqa: ANN401 - nothing comes of it
    message = "no account is asked for this"
    raise AssertionError(message)


def add(world: World, name: str, at: int | None = None, *, replaces: bool = False, **given: object) -> str:
    fields = {"name": name, "connector": CONNECTOR, **given}
    return " ".join(routing.add_rule(world.db, fields, at=at, replaces=replaces, by="Ana"))


def add_preset(world: World, name: str, *, replaces: bool = False, **given: object) -> str:
    return " ".join(routing.add_preset(world.db, {"name": name, **given}, never, replaces=replaces, by="Ana"))


def names(world: World) -> list[str]:
    with world.db.read() as tx:
        return [one.name for one in routes.all_of(tx)]


def test_rules_are_added_moved_replaced_and_removed_in_their_order(world: World) -> None:
    assert add(world, "one") == "Rule one was added at place 1 of 1."
    add(world, "three")
    assert add(world, "two", 2, priority="P1") == "Rule two was added at place 2 of 3."
    assert names(world) == ["one", "two", "three"]
    routing.move_rule(world.db, "three", 1, by="Ana")
    assert names(world) == ["three", "one", "two"]
    assert add(world, "one", replaces=True, team=["a", "b"]) == "Rule one was replaced at place 2 of 3."
    routing.remove_rule(world.db, "three", by="Ben")
    with world.db.read() as tx:
        assert routes.all_of(tx) == (
            Rule("one", CONNECTOR, wants={Trait.TEAM: ("a", "b")}),
            Rule("two", CONNECTOR, wants={Trait.PRIORITY: ("P1",)}),
        )
    rows = [(row["change"], row["action"], row["outcome"], row["reason"], row["actor"]) for row in world.rows()]
    assert rows[-1] == ("rules", "remove", "applied", "rules_changed", "Ben")
    assert world.last()["detail"] == "Rule three was removed. (Ben)"
    assert [row[1] for row in rows] == ["add", "add", "add", "move", "add", "remove"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"connector": "x"}, "connector: there is no connector called x; there are payments"),
        ({"preset": "x"}, f"preset: there is no preset called x; there are {SHIPPED}"),
        ({"conector": "x"}, "conector: this is no key of a rule; there are name, connector, preset, source"),
        ({"name": "a/b"}, "name: a name has 1 to 64 letters"),
        ({"priority": []}, "priority: an empty list matches no case"),
        ({"labels": [1]}, "labels: this is to be a text or a list of texts"),
        ({"team": "x" * 256}, "team: at most 100 texts of 255"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_its_key(world: World, given: dict[str, object], says: str) -> None:
    with pytest.raises(Misconfigured, match=f"^{says}"):
        routing.add_rule(world.db, {"name": "r", "connector": CONNECTOR, **given}, at=None, replaces=False, by="Ana")
    assert names(world) == []
    assert world.rows() == []


def test_what_is_not_there_and_what_is_there_already_are_told(world: World) -> None:
    add(world, "one")
    with pytest.raises(Conflict, match="a rule called one already"):
        add(world, "one")
    with pytest.raises(NotFound, match="no rule called two"):
        routing.move_rule(world.db, "two", 1, by="Ana")
    with pytest.raises(Misconfigured, match="no place 3; it is 1 to 1"):
        routing.move_rule(world.db, "one", 3, by="Ana")
    with pytest.raises(NotFound, match="no rule called two"):
        routing.remove_rule(world.db, "two", by="Ana")


def test_a_preset_that_a_rule_names_is_not_removed(world: World) -> None:
    add_preset(world, "Urgent", title="!! {{ title }}", urgency="high")
    add(world, "all", preset="Urgent")
    with pytest.raises(Conflict, match="Preset Urgent is named by rule all"):
        routing.remove_preset(world.db, "Urgent", by="Ana")
    assert add_preset(world, "Urgent", replaces=True, title="! {{ title }}") == "Preset Urgent was replaced."
    with world.db.read() as tx:
        assert presets.all_of(tx)["Urgent"] == Preset("Urgent", title="! {{ title }}")
    routing.remove_rule(world.db, "all", by="Ana")
    routing.remove_preset(world.db, "Urgent", by="Ana")
    with pytest.raises(Conflict, match="which stays"):
        routing.remove_preset(world.db, SHIPPED, by="Ana")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"title": "{{ nobody }}"}, "title: The template cannot be rendered: it uses nobody"),
        ({"urgency": "very"}, "urgency: very is no urgency"),
        ({"name": SHIPPED}, "name: this is the shipped preset"),
        (
            {"escalation_policy": "Checkout"},
            "integration: priorities and an escalation policy are those of one account",
        ),
        ({"priorities": {"P9": "x"}}, "priorities: P9 is no priority of a case"),
        ({"priorities": "P1"}, "priorities: these are to be pairs"),
    ],
)
def test_a_preset_that_cannot_be_is_refused_with_its_key(world: World, given: dict[str, object], says: str) -> None:
    with pytest.raises(Misconfigured, match=f"^{says}"):
        add_preset(world, **{"name": "p", **given})  # type: ignore[arg-type]  # as each row says


FILE = """\
[[presets]]
name = "Urgent"
title = "!! {{ title }}"

[[routes]]
name = "p1"
connector = "payments"
preset = "Urgent"
priority = ["P1", "P2"]

[[routes]]
name = "all"
connector = "payments"
"""


def take_over(world: World, text: str, *, is_check: bool = False) -> list[str]:
    return list(routing.take_over(world.db, "routes.toml", text, never, is_check=is_check, by="Ana"))


def test_a_file_is_taken_over_as_a_whole_and_once_more_changes_nothing(world: World) -> None:
    add(world, "old")
    wanted = ["Preset Urgent was added.", "Rule old was removed.", "Rule p1 was added.", "Rule all was added."]
    assert take_over(world, FILE, is_check=True) == wanted
    assert names(world) == ["old"], "a check changes nothing"
    assert take_over(world, FILE) == wanted
    assert names(world) == ["p1", "all"]
    assert take_over(world, FILE) == []


def test_every_fault_of_a_file_is_told_with_its_line_and_key_and_nothing_is_taken_over(world: World) -> None:
    add(world, "old")
    text = FILE.replace("}}", "|nothing }}").replace('"payments"', '"x"', 1).replace('"all"', '"p1"')
    with pytest.raises(Misconfigured) as caught:
        take_over(world, text + 'team = 3\n[[rutes]]\nname = "r"\n')
    faults = str(caught.value).splitlines()
    assert [one.partition(": ")[0] + ": " + one.split(": ")[1] for one in faults] == [
        "routes.toml:15: rutes",
        "routes.toml:3: presets[0].title",
        "routes.toml:7: routes[0].connector",
        "routes.toml:14: routes[1].team",
        "routes.toml:12: routes[1].name",
    ]
    assert faults[2] == "routes.toml:7: routes[0].connector: there is no connector called x; there are payments."
    assert names(world) == ["old"]


def nobody(slug: str) -> Any:  # noqa: ANN401 - nothing comes of it
    message = f"There is no integration called {slug}."
    raise NotFound(message)


FAULTY = """\
[[presets]]
name = "Urgent"
title = "{{ titel }}"
body = "{{ titel }}"
urgency = "veryhigh"
integration = "acme2"
priorities = {P1 = "P1", P9 = "P1"}
colour = "red"
sound = "loud"

[[routes]]
connector = "x"
preset = "y"
team = 3
labels = []

[[routes]]
name = "all"
connector = 3
"""


def test_no_fault_of_a_rule_or_a_preset_hides_another(world: World) -> None:
    with pytest.raises(Misconfigured) as caught:
        routing.take_over(world.db, "r.toml", FAULTY, nobody, is_check=True, by="Ana")
    assert [one.partition(": ")[2].partition(":")[0] for one in str(caught.value).splitlines()] == [
        *(f"presets[0].{key}" for key in ("colour", "sound", "urgency", "title", "body", "priorities", "integration")),
        *(f"routes[0].{key}" for key in ("name", "team", "labels", "connector", "preset")),
        "routes[1].connector",
    ]
    assert "r.toml:6: presets[0].integration: There is no integration called acme2." in str(caught.value)


def test_a_table_that_is_none_hides_no_fault_and_makes_none(world: World) -> None:
    text = 'presets = 3\n[[routes]]\nname = "a"\nconnector = "x"\npreset = "Urgent"\n'
    with pytest.raises(Misconfigured) as caught:
        take_over(world, text)
    assert str(caught.value).splitlines() == [
        "routes.toml:1: presets: write [[presets]].",
        "routes.toml:4: routes[0].connector: there is no connector called x; there are payments.",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[routes]]\nname = "a\n', "routes.toml:2: this is no TOML: Illegal character"),
        ("\nroutes = 3\n", r"routes.toml:2: routes: write \[\[routes\]\]."),
    ],
)
def test_a_file_that_is_none_is_told_with_its_line(world: World, text: str, says: str) -> None:
    with pytest.raises(Misconfigured, match=f"^{says}"):
        take_over(world, text)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
written_names = st.from_regex(r"[a-z]([a-z -]{0,6}[a-z])?", fullmatch=True)
wanted = st.dictionaries(st.sampled_from(Trait), st.lists(texts, min_size=1, max_size=2).map(tuple), max_size=3)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(written_names, texts.map(lambda one: one.replace("{", ""))), max_size=3, unique_by=lambda it: it[0]
    ),
    st.lists(st.tuples(written_names, wanted), max_size=4, unique_by=lambda it: it[0]),
)
def test_what_is_written_is_read_to_the_same(
    looks: list[tuple[str, str]], rules: list[tuple[str, dict[Trait, tuple[str, ...]]]]
) -> None:
    given_presets = [Preset(name, title=title if title.strip() else "", urgency="low") for name, title in looks]
    preset = given_presets[0].name if given_presets else SHIPPED
    given_rules = [
        Rule(name, CONNECTOR, preset, {trait: wants[trait] for trait in Trait if trait in wants})
        for name, wants in rules
    ]
    connectors = {CONNECTOR: Connector(CONNECTOR, PAGERDUTY, CASES, "bidirectional", "S", "", [], {})}
    found = Reading("f", written(given_presets, given_rules)).read(connectors, never)
    assert found == (given_presets, given_rules)
