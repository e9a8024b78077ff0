"""A rule as somebody has written it: read, and checked against the connectors and presets that there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncd.core.routing import SHIPPED, Preset, Rule, Trait
from syncd.store.connectors import Connector

from .wrong import Faults, Given, Wrong, name_of, refuse_unknown, text_of

KEYS = ("name", "connector", "preset", *Trait)
_MOST = 100  # texts of one field
_LONGEST = 255


def rule_of(given: Given) -> Rule:
    """Each field is one text, or a list of which one has to match. Raises Wrong."""
    faults = Faults()
    rule = read_rule(given, faults)
    faults.refuse()
    return rule


def read_rule(given: Given, faults: Faults) -> Rule:
    """What can be read of it, and all that is wrong with it."""
    faults.tried(None, refuse_unknown, given, KEYS, "a rule")
    name = faults.tried("", name_of, given)
    connector, preset = (faults.tried("", text_of, given, key) for key in ("connector", "preset"))
    wants = {trait: faults.tried((), _wanted, trait, given[trait]) for trait in Trait if trait in given}
    return Rule(name, connector, preset or SHIPPED, wants)


def rule_as_given(rule: Rule) -> dict[str, Any]:
    """What `rule_of` reads to the same rule."""
    wants = {str(trait): list(wanted) for trait, wanted in rule.wants.items()}
    return {"name": rule.name, "connector": rule.connector, "preset": rule.preset, **wants}


def check_rule(rule: Rule, connectors: Mapping[str, Connector], presets: Mapping[str, Preset]) -> None:
    connector, preset, faults = connectors.get(rule.connector), presets.get(rule.preset), Faults()
    if connector is None:
        faults.add("connector", f"there is no connector called {rule.connector or '(nothing)'}{_but(connectors)}")
    if preset is None:
        faults.add("preset", f"there is no preset called {rule.preset}{_but(presets)}")
    if connector is not None and preset is not None and preset.integration not in {"", connector.integration}:
        faults.add(
            "preset",
            f"{preset.name} names things of account {preset.integration}, and connector {connector.name} is aimed at "
            f"{connector.integration}",
        )
    faults.refuse()


def _wanted(trait: Trait, given: object) -> tuple[str, ...]:
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not all(isinstance(one, str) for one in texts):
        raise Wrong(trait, "this is to be a text or a list of texts")
    if not texts:
        raise Wrong(trait, "an empty list matches no case; leave the key out, or give it a text")
    if len(texts) > _MOST or any(len(one) > _LONGEST for one in texts):
        raise Wrong(trait, f"at most {_MOST} texts of {_LONGEST} characters each are looked for")
    return tuple(texts)


def _but(known: Mapping[str, object]) -> str:
    return f"; there are {', '.join(known)}" if known else ", and none has been added (`syncd connectors add`)"
