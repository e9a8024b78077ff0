"""The command `syncd`: one table of its commands, each loaded only when it runs, and how a failure leaves the program."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from typer.core import TyperCommand

from syncd.cli.saying import say
from syncd.errors import SyncdError

from .leaving import exit_code

if TYPE_CHECKING:
    from click import Command


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command is: `attribute` of `module` is a function, or a Typer with commands of its own."""

    module: str
    attribute: str
    help: str
    takes_a_query: bool = False


#: In the order of `syncd --help`. A name of two words is a command of that group.
COMMANDS: dict[str, Entry] = {
    "init": Entry(
        "init", "init", "Set everything up: an account, a connector, a webhook. It asks, or is told by flags."
    ),
    "up": Entry("daemon", "up", "Run everything, with the embedded store and broker unless settings name others."),
    "demo": Entry("demo_command", "demo", "Run everything beside a simulated PagerDuty, and look on."),
    "sim": Entry("daemon", "sim", "Run a simulated PagerDuty on this machine."),
    "web": Entry("daemon", "web", "Run the receiver and the console."),
    "worker": Entry("daemon", "worker", "Run a worker: it applies changes on both sides."),
    "beat": Entry("daemon", "beat", "Run the beat: it has the workers look for what was overlooked."),
    "restored": Entry("restored", "restored", "Say that a backup was restored, before anything is started on it."),
    "status": Entry("status", "status", "What waits, what is held, who is disconnected. Exit 1 on a finding."),
    "why": Entry(
        "why", "why", "Why a case and its incident are not in step, and who has to act. Exit 1 when something stops it."
    ),
    "doctor": Entry("doctor", "doctor", "Check everything, and say what helps. Exit 1 on a failure."),
    "explain": Entry("explain", "explain", "What a code means, and what helps."),
    "db": Entry("database", "app", "The database's schema."),
    "integrations": Entry("integrations", "integrations", "Accounts: PagerDuty ones and case systems."),
    "connectors": Entry(
        "connectors", "connectors", "What cases are sent by: PagerDuty Incidents (both ways), or a service key."
    ),
    "evidence": Entry("evidence", "evidence", "Is the incident response programme ready, and can it be proven?"),
    "mappings": Entry("mappings", "app", "What a connector makes of what happens on the other side."),
    "trial": Entry("trial", "trial", "Take one low-urgency incident through its whole life, and say what held."),
    "routes": Entry("routing", "routes", "The rules by which cases reach connectors, in their order."),
    "presets": Entry("routing", "presets", "What an opened incident looks like."),
    "cases": Entry("cases", "app", "The built-in cases."),
    "alerts": Entry("alerts", "app", "Alerts, sent to a service key without a case."),
    "links": Entry("links", "app", "Which case and which incident belong together."),
    "conflicts": Entry("conflicts", "app", "Fields that both sides changed at once and that wait for a person."),
    "deliveries": Entry("deliveries", "app", "Every attempt, and every decision not to act."),
    "views": Entry("views", "app", "Queries of deliveries that are kept by a name."),
    "tail": Entry(
        "tail",
        "tail",
        "Deliveries as they come in, in the language of `syncd deliveries list`. Ctrl-C ends it.",
        takes_a_query=True,
    ),
    "channels": Entry("channels", "app", "Where notices go, and how that went."),
    "mcp": Entry("mcp.command", "mcp", "Serve an assistant that speaks the Model Context Protocol. It only looks."),
    "retention": Entry("retention", "app", "How long what is kept, and legal holds."),
    "tokens": Entry("tokens", "app", "API tokens: who may use /v1, and for what."),
    "actions": Entry("actions", "app", "The action log: who has done what here, by which way, and how it ended."),
    "users": Entry("users", "app", "People who sign in to the console."),
    "keys": Entry("keys", "app", "The master keys that seal every credential, and exchanging them."),
    "support-bundle": Entry(
        "support_bundle", "support_bundle", "One file for whoever helps, with every secret masked."
    ),
    "config": Entry("config", "app", "The settings, and where each came from."),
}


class _Later(TyperCommand):
    """Stands in the help for a command; becomes the command when somebody calls it."""

    def __init__(self, name: str, entry: Entry) -> None:
        super().__init__(name, help=entry.help, rich_markup_mode=None)
        self._entry = entry

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:  # noqa: ANN401 - Typer's own types are private
        from .changing import logged

        return logged(load(self._entry), [str(self.name)]).make_context(info_name, args, parent, **extra)


def load(entry: Entry) -> Command:
    found = getattr(import_module(f".{entry.module}", __package__), entry.attribute)
    if isinstance(found, typer.Typer):
        return cast("Command", typer.main.get_group(found))
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.command(cls=_asking() if entry.takes_a_query else None)(found)  # Its own help says more than the line here.
    return cast("Command", typer.main.get_command(alone))


def _asking() -> type[TyperCommand]:
    from .querying import Asking

    return Asking


def _version(*, asked: bool) -> None:
    if asked:
        from syncd import __version__

        say(f"syncd {__version__}")
        raise typer.Exit


def _top(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=lambda asked: _version(asked=asked), is_eager=True)
    ] = False,
) -> None:
    """Keeps a case and its PagerDuty incident in step, both ways, and can say why when it does not."""


def command() -> Any:  # noqa: ANN401 - Typer's own types are private
    app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)
    app.callback()(_top)
    group = typer.main.get_group(app)
    group.commands = {name: _Later(name, entry) for name, entry in COMMANDS.items()}
    return group


def run(args: Sequence[str] | None = None) -> None:
    """Leaves by SystemExit: 0 fine, 1 a finding, 2 usage or configuration, 3 something is out of reach, 4 not found, 130 interrupted."""
    try:
        command()(args, prog_name="syncd")
    except SyncdError as error:
        say(f"syncd: {error}", err=True)
        sys.exit(exit_code(error))
    finally:
        _say_the_rest()


def _say_the_rest() -> None:
    """To whoever still reads. Python would complain at its very end that `head` has seen enough."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
