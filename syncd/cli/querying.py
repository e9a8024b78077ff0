"""How commands are told which deliveries: words of the query language, and a view that is kept by its name."""

from __future__ import annotations

from typing import Annotated

import typer

from .reach import Reach
from .who import who

Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="QUERY...",
        help="Like 'outcome:failed age<24h'; `syncd deliveries fields` has all there is. Quote it: < and * mean more to a shell; what begins with - comes behind a --.",
    ),
]

ViewOption = Annotated[
    str | None, typer.Option("--view", metavar="NAME", help="What this saved view asks for, as well as the query.")
]


def whole(words: list[str] | None) -> str | None:
    return " ".join(words) if words else None


def asked_with(reach: Reach, view: str | None, query: str | None) -> str | None:
    """Both have to hold; one's own view goes before everybody's of the same name."""
    if view is None:
        return query
    from syncd.flow.views import chosen

    found = chosen(((one["name"], one["q"], one["problem"]) for one in reach.audit.views(who(None))), view)
    return f"{found} {query}" if query else found
