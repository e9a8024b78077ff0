"""`syncd mappings ...`: what a connector makes of what happens, its last events by another map, and changing the map."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .daemon import ConfigOption
from .joining import joining, mind
from .reach import Json, OutputOption, Query, ServerOption, given
from .saying import say
from .valid import valid
from .who import By, who

if TYPE_CHECKING:
    from syncd.console.v1.mappings import MappingsApi

    from .remote import Remote

app = typer.Typer(
    help="What a connector makes of what happens on the other side.", no_args_is_help=True, rich_markup_mode=None
)
Connector = Annotated[str, typer.Argument(help="The connector; `syncd connectors list` shows them.")]
Pairs = Annotated[list[str], typer.Argument(metavar="P1=NAME...", help="All of them: what is left out is not mapped.")]


class _Local:
    """The same code as behind /v1."""

    def __init__(self, api: MappingsApi) -> None:
        self._api = api

    def mappings(self, connector: str, query: Query) -> Json:
        from syncd.console.queries import MappingsQuery

        return self._api.shown(connector, valid(MappingsQuery, dict(query)))

    def change_priorities(self, connector: str, fields: Json) -> Json:
        from syncd.console.bodies import ChangePriorities

        return self._api.change(connector, valid(ChangePriorities, fields))


@contextmanager
def _mappings(server: str | None, config: Path | None) -> Iterator[_Local | Remote]:
    if server:
        from .remote import remote

        with remote(server) as far:
            yield far
        return
    from syncd.connections.open import Connections
    from syncd.console.v1.mappings import MappingsApi

    with joining(config) as setup:
        yield _Local(
            MappingsApi(
                setup.db,
                lambda: Connections(setup.db, setup.vault, setup.clock, setup.tolls, setup.outgoing),
                lambda: setup,
            )
        )


@app.command("show")
def show_mappings(
    connector: Connector, server: ServerOption = None, output: OutputOption = None, config: ConfigOption = None
) -> None:
    """Its priorities, what becomes of a status and of words, and what would come of its last 20 events now."""
    from .output import form_of

    form_of(output)
    with _mappings(server, config) as api:
        _show(api.mappings(connector, {}), output)


@app.command("try")
def try_mappings(
    connector: Connector,
    priorities: Pairs,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """What its last 20 events would become by other priorities. Nothing is stored."""
    from .output import form_of

    form_of(output)
    with _mappings(server, config) as api:
        _show(api.mappings(connector, given(priorities=",".join(priorities))), output)


@app.command("set")
def set_mappings(
    connector: Connector,
    priorities: Pairs,
    by: By = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Change which priority of a case is which in PagerDuty: those that are named, and no others. The next change is decided by it, and
    what was left for want of a counterpart is looked at again; deliveries keep what they said.
    """
    from .output import form_of, tell

    form_of(output)
    with _mappings(server, config) as api:
        told = api.change_priorities(connector, {"priorities": priorities, "by": who(by)})
    tell(told, output)
    mind(told.get("warnings", ()))  # An older daemon elsewhere tells of none.


def _show(told: Json, output: str | None) -> None:
    from .output import Form, form_of, show, show_one

    mind(told.get("warnings", ()))
    if form_of(output) is not Form.TABLE:
        show_one(told, output)
        return
    used = told["priorities"] if told["tried"] is None else told["tried"]
    show([{"case": one["case"], "pagerduty": one["name"] or one["incident"]} for one in used], output)
    if told["tried"] is None:
        say()
        show(
            [{"on": one["on"], "does": one["what"], "becomes": _words(one["becomes"])} for one in told["samples"]],
            output,
        )
    if told["events"]:
        say()
        show([_event(one, is_tried=told["tried"] is not None) for one in told["events"]], output)


def _event(one: Json, *, is_tried: bool) -> Json:
    row = {"delivery": one["delivery"], "record": one["record"], "what": one["what"], "now": _words(one["now"])}
    return {**row, "then": _words(one["then"]) if one["is_changed"] else "the same"} if is_tried else row


def _words(found: list[Json]) -> str:
    return "; ".join(str(one["words"]) for one in found)
