"""The button for what helps: where it leads, or what it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from syncd.core.why.verdict import Act, Verdict


@dataclass(frozen=True, slots=True)
class Button:
    label: str
    address: str
    is_pressed: bool = False  # a form is sent; else it only leads there


_BUTTONS: Mapping[Act, Button] = {
    Act.RECONNECT: Button("See {target}", "/integrations/{target}"),
    Act.RESUME_ACCOUNT: Button("Resume {target}", "/integrations/{target}/resume", is_pressed=True),
    Act.WRITE_AGAIN: Button("Write to {target} again", "/integrations/{target}/write-again", is_pressed=True),
    Act.SWITCH_TWO_WAY: Button("See {target}", "/integrations/{target}"),
    Act.MEND_WEBHOOK: Button("See {target}", "/integrations/{target}"),
    Act.RESUME_LINK: Button("Resume the link", "/links/{target}/resume", is_pressed=True),
    Act.DECIDE_CONFLICT: Button("Decide", "/conflicts"),
    Act.REPLAY: Button("See the delivery", "/deliveries/{target}"),
    Act.MAP_PRIORITIES: Button("See its priorities", "/mappings/{target}"),
    Act.COMPARE: Button("Compare now", "/links/{target}?compare=true"),
    Act.LOOK: Button("See the delivery", "/deliveries/{target}"),
}


def button(verdict: Verdict) -> Button | None:
    """None where only a command helps, which the remedy names."""
    found = None if verdict.act is None else _BUTTONS.get(verdict.act)
    if found is None:
        return None
    label, address = (one.format(target=verdict.target) for one in (found.label, found.address))
    return Button(label, address, is_pressed=found.is_pressed)
