"""What both groups are asked for in the same words."""

from __future__ import annotations

from typing import Annotated, Any

import typer

Case = Annotated[str, typer.Argument(help="The case's key, like CS-1042.")]
System = Annotated[str | None, typer.Option(help="The case system, where several have such a case.")]
Replace = Annotated[bool, typer.Option("--replace", help="Take the place of the one of this name.")]


def said(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Only what somebody has given."""
    return {name: value for name, value in fields.items() if value not in (None, [], "")}
