"""`syncd explain`: what a code means, what helps, and who has to do it."""

from __future__ import annotations

from typing import Annotated

import typer


def explain(
    code: Annotated[str, typer.Argument(help="A code, like PAG-101-A; without one, all there are.")] = "",
    output: Annotated[str | None, typer.Option("-o", "--output", help="table, json, ndjson or csv.")] = None,
) -> None:
    """The cause and the cure of a code that status, doctor, a row or an error shows."""
    from difflib import get_close_matches

    from syncd.console.v1.checks import codes
    from syncd.errors import NotFound

    from .output import show, show_one

    if not code:
        show(codes(), output, columns=("code", "about", "cause"), below="cure")
        return
    wanted = code.strip().upper()
    found = next((one for one in codes() if one["code"] == wanted), None)
    if found is None:
        if wanted.startswith("PAG-103"):
            message = "There is no PAG-103: PagerDuty's codes go from 102 to 104; `syncd explain` shows all there are."
            raise NotFound(message)
        near = get_close_matches(wanted, [one["code"] for one in codes()], n=2)
        guess = f"did you mean {' or '.join(near)}?" if near else "`syncd explain` shows all there are."
        message = f"There is no code {code}; {guess}"
        raise NotFound(message)
    show_one(found, output)
