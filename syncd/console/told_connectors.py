"""What is answered about a connector that was made: the same here, by command, by `syncd init` and over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

from syncd.connections.joining.connectors import Made, badge
from syncd.connections.joining.setup import Setup
from syncd.connections.joining.staying import sentence
from syncd.store.row_json import Json


def made_known(setup: Setup, made: Made) -> Json:
    """Of the key nothing: it is sealed, and in no answer."""
    it = made.connector
    is_read_only = setup.integration(it.integration).is_read_only
    return {
        "name": it.name,
        "path": badge(it.path),
        "integration": it.integration,
        "service": it.service_name,
        "also": [one.called for one in it.others],
        "cases": it.case_system,
        "priorities": [{"case": one["case"], "name": one["name"] or one["incident"]} for one in it.priorities],
        "unmapped": list(made.unmapped),
        "unheard": list(made.unheard),
        "rule": made.stayed.name if made.stayed else "",
        "warnings": list(_minded(made, is_read_only=is_read_only)),
        "says": _says(made, is_read_only=is_read_only),
    }


def _minded(made: Made, *, is_read_only: bool) -> Iterator[str]:
    unmapped = [*made.unmapped, *(f"PagerDuty's {one}" for one in made.unheard)]
    if made.warning:
        yield made.warning
    elif unmapped:
        yield f"Not mapped: {', '.join(unmapped)}; such a priority is recorded and not sent."
    if made.stayed:
        yield sentence(made.stayed)
    if is_read_only:
        slug = made.connector.integration
        yield (
            f"{slug} is only read, so no incident is opened by {made.connector.name} until it may write: give it a credential that may "
            f"(`syncd integrations rotate {slug}`), then `syncd integrations set {slug} --read-only off`."
        )


def _says(made: Made, *, is_read_only: bool) -> str:
    it = made.connector
    if it.path == "service_key":
        return f"{it.name} sends events to {it.service_name} for {it.case_system}; nothing comes back from there."
    if is_read_only:
        return f"{it.name} is made for {it.service_name} and {it.case_system}, and opens no incident while {it.integration} is only read."
    others = ", ".join(one.called for one in it.others)
    asked = f" A case may ask for {others} in its place." if others else ""
    return f"{it.name} opens incidents on {it.service_name} for {it.case_system}.{asked}"
