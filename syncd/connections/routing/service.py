"""What a row says of an incident that was not opened on the service its case asked for, and what helps."""

from __future__ import annotations

import shlex

from syncd.core.harmless import plain
from syncd.core.services import Chosen, Missed
from syncd.store.connectors import Connector

_SHOWN = 100


def remark(connector: Connector, chosen: Chosen, asked: str) -> str:
    """Empty where it is as it was asked for. The words asked for are somebody else's."""
    if chosen.missed is None:
        return ""
    word, on = plain(asked.strip()), chosen.service.called
    shown = word if len(word) <= _SHOWN else f"{word[:_SHOWN]}..."
    if connector.path == "service_key":
        return f"It asked for service {shown}, and connector {connector.name} sends by a service key, which reaches only {on}."
    command = f"syncd connectors services {connector.name}"
    if chosen.missed is Missed.SEVERAL:
        return (
            f"It asked for service {shown}, and connector {connector.name} reaches several of that name, so it is opened on the "
            f"default one, {on}: name it by its id (`{command}` shows them)."
        )
    added = shlex.quote(word) if word == shown else "SERVICE"
    return (
        f"It asked for service {shown}, which connector {connector.name} does not reach, so it is opened on the default one, "
        f"{on}: `{command} --add {added}` adds it for the next."
    )
