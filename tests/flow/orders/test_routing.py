"""A person changes the rules: in their order, all at once from a file, refused with the key, and each change is a row."""

from __future__ import annotations

from typing import NoReturn

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncd.connections.routing.accounts import Accounts
from syncd.connections.routing.file import Reading, written
from syncd.core.changes import Side
from syncd.core.routing import SHIPPED, Preset, Rule, Trait
from syncd.errors import Conflict, Misconfigured, NotFound
from syncd.flow.orders import routing
from syncd.store import connectors, integrations, presets, routes
from syncd.store.connectors import Connector
from syncd.store.integrations import Integration
from tests.flow.world import CASES, CONNECTOR, PAGERDUTY, World


def never(_: Integration) -> NoReturn:
    message = "no account is asked for this"
    raise AssertionError(message)


def accounts(world: World) -> Accounts:
    return Accounts(world.db, never, world.clock)


@pytest.fixture
def acme(world: World) -> str:
    """A PagerDuty account beside the world's own, with connector acme of it."""
    with world.db.write() as tx:
        now = world.clock.now()
        integrations.add(
            tx, slug="acme", system="pagerduty", side=Side.INCIDENT, base_url="", settings={}, sealed=None, now=now
        )
        connectors.add(tx, Connector("acme", "acme", CASES, "bidirectional", "S", "", [], {}), now)
    return "acme"


def add(world: World, name: str, at: int | None = None, *, replaces: bool = False, **given: object) -> str:
    fields = {"name": name, "connector": CONNECTOR, **given}
    return " ".join(routing.add_rule(world.db, fields, at=at, replaces=replaces, by="Ana"))


def add_preset(world: World, name: str, *, replaces: bool = False, **given: object) -> str:
    return " ".join(routing.add_preset(world.db, {"name": name, **given}, accounts(world), replaces=replaces, by="Ana"))


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
        ({"priority": ["P1", "P9"]}, "priority: P9 is no priority of a case; there are P1, P2, P3, P4, P5"),
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


def test_all_that_is_wrong_with_a_rule_or_a_preset_is_told_at_once(world: World) -> None:
    with pytest.raises(Misconfigured) as caught:
        add(world, "a/b", 7, connector="x", team=3)
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == ["name", "team", "connector", "at"]
    with pytest.raises(Misconfigured) as caught:
        add_preset(world, "P", title="{{ nobody }}", urgency="very", integration="acme2", colour="red")
    told = str(caught.value).splitlines()
    assert [line.partition(":")[0] for line in told] == ["colour", "urgency", "title", "integration"]
    assert told[1] == "urgency: very is no urgency; it is high or low."


def test_an_account_is_enough_to_say_which_connectors_a_preset_is_for(world: World, acme: str) -> None:
    """It needs no priorities and no escalation policy of it, and nobody is asked."""
    add_preset(world, "Ours", title="! {{ title }}", integration=acme)
    with world.db.read() as tx:
        ours = presets.all_of(tx)["Ours"]
    assert ours == Preset("Ours", title="! {{ title }}", integration=acme)
    add(world, "all", connector=acme, preset="Ours")
    unfit = f"preset: Ours is for connectors of {acme}, and {CONNECTOR} is one of {PAGERDUTY}"
    with pytest.raises(Misconfigured, match=f"^{unfit}"):
        add(world, "others", preset="Ours")
    with pytest.raises(Misconfigured, match=rf"routes\[0\]\.{unfit}"):
        take_over(world, written([ours], [Rule("others", CONNECTOR, "Ours")]))
    add_preset(world, "Any")
    add(world, "others", preset="Any")
    with pytest.raises(Misconfigured, match=f"^preset: Any is for connectors of {acme}"):
        add_preset(world, "Any", replaces=True, integration=acme)
    assert names(world) == ["all", "others"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"integration": "acme2"}, "integration: There is no integration called acme2"),
        ({"integration": CASES}, f"integration: {CASES} is not a PagerDuty account"),
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
    return list(routing.take_over(world.db, "routes.toml", text, accounts(world), is_check=is_check, by="Ana"))


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
        "routes.toml:3: presets[0].title",
        "routes.toml:7: routes[0].connector",
        "routes.toml:12: routes[1].name",
        "routes.toml:14: routes[1].team",
        "routes.toml:15: rutes",
    ], "in the order of the file's lines"
    assert faults[1] == "routes.toml:7: routes[0].connector: there is no connector called x; there are payments."
    assert names(world) == ["old"]


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
        take_over(world, FAULTY, is_check=True)
    assert [one.partition(": ")[2].partition(":")[0] for one in str(caught.value).splitlines()] == [
        *(f"presets[0].{key}" for key in ("title", "body", "urgency", "integration", "priorities", "colour", "sound")),
        *(f"routes[0].{key}" for key in ("name", "connector", "preset", "team", "labels")),
        "routes[1].connector",
    ]
    assert "routes.toml:6: presets[0].integration: There is no integration called acme2; " in str(caught.value)


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
        ('[[routes]]\nname = "a\n', "routes.toml:2: it cannot be read as TOML: Illegal character"),
        (f"\nx = {'1' * 5_000}\n", r"routes.toml:2: it cannot be read as TOML: A number is too large\.$"),
        ("x = " + "[" * 100_000, r"routes.toml:1: it cannot be read as TOML: It is nested deeper than 64 levels\.$"),
        ("\nroutes = 3\n", r"routes.toml:2: routes: write \[\[routes\]\]."),
    ],
)
def test_a_file_that_is_none_is_told_with_its_line(world: World, text: str, says: str) -> None:
    with pytest.raises(Misconfigured, match=f"^{says}"):
        take_over(world, text)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
written_names = st.from_regex(r"[a-z]([a-z -]{0,6}[a-z])?", fullmatch=True)
of_priorities = st.sampled_from(["P1", "p3", "P*", "*", ""])
wanted = st.sets(st.sampled_from(Trait), max_size=3).flatmap(
    lambda traits: st.fixed_dictionaries({trait: _texts_of(trait) for trait in sorted(traits)})
)


def _texts_of(trait: Trait) -> st.SearchStrategy[tuple[str, ...]]:
    one = of_priorities if trait is Trait.PRIORITY else texts
    return st.lists(one, min_size=1, max_size=2).map(tuple)


looks_like = st.tuples(written_names, texts.map(lambda one: one.replace("{", "")), st.sampled_from(["", "acme"]))


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(
    st.lists(looks_like, max_size=3, unique_by=lambda it: it[0]),
    st.lists(st.tuples(written_names, wanted), max_size=4, unique_by=lambda it: it[0]),
)
def test_what_is_written_is_read_to_the_same(
    world: World, acme: str, looks: list[tuple[str, str, str]], rules: list[tuple[str, dict[Trait, tuple[str, ...]]]]
) -> None:
    given_presets = [
        Preset(name, title=title if title.strip() else "", urgency="low", integration=account)
        for name, title, account in looks
    ]
    preset = given_presets[0].name if given_presets else SHIPPED
    given_rules = [
        Rule(name, acme, preset, {trait: wants[trait] for trait in Trait if trait in wants}) for name, wants in rules
    ]
    there = {acme: Connector(acme, acme, CASES, "bidirectional", "S", "", [], {})}
    found = Reading("f", written(given_presets, given_rules)).read(there, accounts(world))
    assert found == (given_presets, given_rules)


def test_a_byte_order_mark_moves_and_hides_nothing(world: World) -> None:
    with pytest.raises(Misconfigured, match=r"^routes\.toml:1: routes\[0\]\.connector: "):
        take_over(world, '\ufeff[[routes]]\nname = "a"\n')
    assert take_over(world, f"\ufeff[[routes]]\nname = 'a'\nconnector = {CONNECTOR!r}\n")
