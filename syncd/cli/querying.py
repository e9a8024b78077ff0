"""How commands are told which deliveries: words of the query language, and a view that is kept by its name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from syncd.errors import Misconfigured

from .reach import Reach
from .who import who

Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="QUERY...",
        help="Like 'outcome:failed age<24h'; `syncd deliveries fields` has all there is. Quote it: < and * mean more to a shell; a negated word, as -timeout, comes behind a --.",
    ),
]

ViewOption = Annotated[
    str | None, typer.Option("--view", metavar="NAME", help="What this saved view asks for, as well as the query.")
]

_TERM = re.compile(r"""-(["']|\w+(!=|>=|<=|[:=<>]))""")
_OUTPUT = re.compile(r"-o(=?(table|json|ndjson|csv))?")


class Asking(TyperCommand):
    """A command that takes a query. A term that begins with a - is none of its options, though `-outcome:failed` reads like one:
    as `-o utcome:failed`, which another -o would silently take the place of.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - Typer's own types are private
        at = args.index("--") if "--" in args else len(args)
        places = set(self._places(args[:at]))
        terms = [args[place] for place in sorted(places)]
        others = [one for place, one in enumerate(args[:at]) if place not in places]
        return super().parse_args(ctx, [*others, "--", *terms, *args[at + 1 :]])

    def _places(self, args: list[str]) -> Iterator[int]:
        """Where terms stand, and not the values of options."""
        valued = {name for one in self.params if not getattr(one, "is_flag", True) for name in one.opts}
        for place, one in enumerate(args):
            if place and args[place - 1] in valued:
                continue
            if _TERM.match(one):
                yield place
            elif one.startswith("-o") and not _OUTPUT.fullmatch(one):
                raise Misconfigured(
                    f"{one} is no form of output; a word that is not to stand in it comes behind a --: -- {one}"
                )


def whole(words: list[str] | None) -> str | None:
    return " ".join(words) if words else None


def asked_with(reach: Reach, view: str | None, query: str | None) -> str | None:
    """Both have to hold; one's own view goes before everybody's of the same name."""
    if view is None:
        return query
    from syncd.flow.views import chosen

    found = chosen(((one["name"], one["q"], one["problem"]) for one in reach.audit.views(who(None))), view)
    return f"{found} {query}" if query else found
