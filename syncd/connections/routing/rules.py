"""A rule as somebody has written it: read, and checked against the connectors and presets that there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncd.core.routing import SHIPPED, Preset, Rule, Trait
from syncd.store.connectors import Connector

from .wrong import Given, Wrong, name_of, refuse_unknown, text_of

KEYS = ("name", "connector", "preset", *Trait)
_MOST = 100  # texts of one field
_LONGEST = 255


def rule_of(given: Given) -> Rule:
    """Each field is one text, or a list of which one has to match. Raises Wrong."""
    refuse_unknown(given, KEYS, "a rule")
    wants = {trait: _wanted(trait, given[trait]) for trait in Trait if trait in given}
    return Rule(name_of(given), text_of(given, "connector"), text_of(given, "preset") or SHIPPED, wants)


def rule_as_given(rule: Rule) -> dict[str, Any]:
    """What `rule_of` reads to the same rule."""
    wants = {str(trait): list(wanted) for trait, wanted in rule.wants.items()}
    return {"name": rule.name, "connector": rule.connector, "preset": rule.preset, **wants}


def check_rule(rule: Rule, connectors: Mapping[str, Connector], presets: Mapping[str, Preset]) -> None:
    connector, preset = connectors.get(rule.connector), presets.get(rule.preset)
    if connector is None:
        raise Wrong("connector", f"there is no connector called {rule.connector or '(nothing)'}{_but(connectors)}")
    if preset is None:
        raise Wrong("preset", f"there is no preset called {rule.preset}{_but(presets)}")
    if preset.integration not in {"", connector.integration}:
        raise Wrong(
            "preset",
            f"{preset.name} names things of account {preset.integration}, and connector {connector.name} is aimed at "
            f"{connector.integration}",
        )


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
