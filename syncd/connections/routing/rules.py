"""A rule as somebody has written it: read, and checked against the connectors and presets that there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from syncd.connections.joining.builtin import BUILTIN
from syncd.connections.joining.connectors import CASE_PRIORITIES
from syncd.core.routing import SHIPPED, Preset, Rule, Trait, matches
from syncd.store.connectors import Connector

from .wrong import Faults, Given, Wrong, name_of, refuse_unknown, text_of

KEYS = ("name", "connector", "preset", *Trait)
_MOST = 100  # texts of one field
_LONGEST = 255


def rule_of(
    given: Given, connectors: Mapping[str, Connector], presets: Mapping[str, Preset] | None, faults: Faults
) -> Rule:
    """What can be read of it, and all that is wrong with it; without presets that can be read, nothing of its own."""
    rule = _read(given, faults)
    for one in _unfit(rule, connectors, presets):
        # A key that could not be read is not missed as well.
        if not faults.of(one.key):
            faults.add(one.key, one.sentence)
    return rule


def _read(given: Given, faults: Faults) -> Rule:
    """Each field is one text, or a list of which one has to match."""
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
    """Raises Wrong."""
    faults = Faults()
    for one in _unfit(rule, connectors, presets):
        faults.add(one.key, one.sentence)
    faults.refuse()


def _unfit(rule: Rule, connectors: Mapping[str, Connector], presets: Mapping[str, Preset] | None) -> Iterator[Wrong]:
    connector = connectors.get(rule.connector)
    if connector is None:
        yield Wrong("connector", f"there is no connector called {rule.connector or '(nothing)'}{_but(connectors)}")
    elif connector.case_system == BUILTIN:
        yield from _no_priorities(rule.wants.get(Trait.PRIORITY, ()))
    if presets is None:
        return
    preset = presets.get(rule.preset)
    if preset is None:
        yield Wrong("preset", f"there is no preset called {rule.preset}{_but(presets)}")
    elif connector is not None and (why := why_not_with(preset, connector)):
        yield Wrong("preset", why)


def _no_priorities(wanted: Iterable[str]) -> Iterator[Wrong]:
    """A rule that no case can ever match."""
    for one in wanted:
        if not any(matches(one, priority) for priority in ("", *CASE_PRIORITIES)):
            yield Wrong(Trait.PRIORITY, f"{one} is no priority of a case; there are {', '.join(CASE_PRIORITIES)}")


def why_not_with(preset: Preset, connector: Connector) -> str:
    """Why this preset may not be used with this connector; empty, if it may."""
    if preset.integration in {"", connector.integration}:
        return ""
    return f"{preset.name} is for connectors of {preset.integration}, and {connector.name} is one of {connector.integration}"


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
