"""Which commands change something. Those that do so past the API stand in the action log as the API's requests do."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import typer

from syncd.core.deeds import OF_THE_MACHINE, Deed, KnownAs, Way, end_of_command, harmless
from syncd.core.permissions import Action
from syncd.errors import SyncdError

from .leaving import exit_code
from .only_here import guarded, is_only_here

if TYPE_CHECKING:
    from click import Command

    from syncd.settings import Settings

_INTERRUPTED, _BROKEN = 130, 70


@dataclass(frozen=True, slots=True)
class Changing:
    action: str
    unless: str = ""  # with this it only looks
    only_with: str = ""  # without this, or one of these, it only looks
    is_noted_after: bool = False  # there may be no log before

    def does(self, given: Mapping[str, Any]) -> bool:
        """With an address of a daemon it is that daemon's API that keeps the log."""
        if given.get("server") or (self.unless and given.get(self.unless)):
            return False
        return not self.only_with or any(given.get(one) for one in self.only_with.split())


_CASES, _OPERATE, _READING = (Changing(one) for one in (Action.CASES_WRITE, Action.SYNC_OPERATE, Action.SYNC_READ))
_MANAGE, _ACCESS, _MACHINE = (
    Changing(Action.INTEGRATIONS_MANAGE),
    Changing(Action.ACCESS_MANAGE),
    Changing(OF_THE_MACHINE),
)

#: As people type them. `up`, `web`, `worker`, `beat`, `demo` and `sim` run something and change nothing by themselves.
CHANGING: Mapping[str, Changing] = {
    "init": _MANAGE,
    "restored": Changing(OF_THE_MACHINE, unless="lost"),
    "db upgrade": Changing(OF_THE_MACHINE, is_noted_after=True),
    "integrations add": _MANAGE,
    "integrations authorise": _MANAGE,
    "integrations set": _MANAGE,
    "integrations test": _OPERATE,
    "integrations reconnect": _MANAGE,
    "integrations remove": _MANAGE,
    "integrations pause": _OPERATE,
    "integrations resume": _OPERATE,
    "integrations observe": _OPERATE,
    "integrations two-way": _MANAGE,
    "integrations rotate": _MANAGE,
    "integrations webhook": _MANAGE,
    "connectors add": _MANAGE,
    "connectors policy": Changing(Action.INTEGRATIONS_MANAGE, only_with="choices"),
    "connectors remove": _MANAGE,
    "connectors services": Changing(Action.INTEGRATIONS_MANAGE, only_with="add remove"),
    "evidence accept": Changing(Action.EVIDENCE_OPERATE, unless="listed"),
    "evidence bundle": Changing(Action.EVIDENCE_READ),
    "evidence key": Changing(Action.INTEGRATIONS_MANAGE, only_with="rotate"),
    "evidence report": Changing(Action.EVIDENCE_READ, only_with="keep"),
    "trial": _OPERATE,
    "evidence collect": Changing(Action.EVIDENCE_OPERATE),
    "mappings set": _MANAGE,
    "views save": _READING,
    "views remove": _READING,
    "routes add": _MANAGE,
    "routes move": _MANAGE,
    "routes remove": _MANAGE,
    "routes import": Changing(Action.INTEGRATIONS_MANAGE, unless="check"),
    "presets add": _MANAGE,
    "presets remove": _MANAGE,
    "cases open": _CASES,
    "cases acknowledge": _CASES,
    "cases resolve": _CASES,
    "cases priority": _CASES,
    "cases comment": _CASES,
    "cases resolution-note": _CASES,
    "cases close": _CASES,
    "cases reopen": _CASES,
    "alerts send": _CASES,
    "links pause": _OPERATE,
    "links resume": _OPERATE,
    "links repair": _OPERATE,
    "conflicts resolve": _OPERATE,
    "deliveries replay": _OPERATE,
    "deliveries park": _OPERATE,
    "channels test": _MACHINE,
    "retention hold": _MACHINE,
    "retention release": _MACHINE,
    "tokens create": _ACCESS,
    "tokens revoke": _ACCESS,
    "users add": _ACCESS,
    "users passwd": _ACCESS,
    "users disable": _ACCESS,
    "users link": _ACCESS,
    "keys rotate": _MACHINE,
    "keys remove": _MACHINE,
}


def logged(command: Command, words: Sequence[str]) -> Command:
    """The command, or the group of them, each of which keeps the log if it changes something, and knows which machine it asks."""
    for name, one in getattr(command, "commands", {}).items():
        logged(one, [*words, name])
    typed = " ".join(words)
    if command.callback is None or hasattr(command, "commands"):
        return command
    if typed in CHANGING:
        command.callback = _keeping(command.callback, typed, CHANGING[typed])
    if is_only_here(command, typed):  # Before the log: nothing was done here.
        command.callback = guarded(command.callback, typed)
    return command


def _keeping(does: Callable[..., Any], typed: str, changing: Changing) -> Callable[..., Any]:
    @wraps(does)
    def kept(**given: Any) -> Any:  # noqa: ANN401  As Typer calls it.
        if not changing.does(given):
            return does(**given)
        from syncd.configuration import load

        settings, deed = load(given.get("config")), deed_of(typed, changing.action, given)
        keep = doing_unlogged if changing.is_noted_after else doing
        with keep(settings, deed):
            return does(**given)

    return kept


def deed_of(typed: str, action: str, given: Mapping[str, Any]) -> Deed:
    who = os_user()
    named = {name: text for name, text in harmless(given).items() if (name, text) != ("by", who)}
    return Deed(who, KnownAs.OS_USER, Way.CLI, action, f"syncd {typed}", named)


def os_user() -> str:
    """As the system knows it: variables of the environment say whatever somebody has put there."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # A container may run as a user without a name.
        return f"uid {os.getuid()}"


@contextmanager
def doing(settings: Settings, deed: Deed) -> Iterator[None]:
    """Written down before it is done; where that cannot be, it is not done. The database is left alone meanwhile."""
    from syncd.flow.access import logbook

    from .existing import existing_database

    with existing_database(settings) as db:
        number = logbook.begin(db, deed)
    code = _BROKEN
    try:
        yield
        code = 0
    except BaseException as left:
        code = _code_of(left)
        raise
    finally:
        with existing_database(settings) as db:
            logbook.end(db, number, end_of_command(code), code)


@contextmanager
def doing_unlogged(settings: Settings, deed: Deed) -> Iterator[None]:
    """What makes the log itself is written down afterwards, once there is one."""
    from syncd.flow.access import logbook

    from .existing import existing_database

    yield
    with existing_database(settings) as db:
        logbook.note(db, deed, end_of_command(0), 0)


def _code_of(left: BaseException) -> int:
    match left:
        case typer.Exit():
            return left.exit_code
        case SyncdError():
            return exit_code(left)
        case KeyboardInterrupt() | typer.Abort():
            return _INTERRUPTED
        case _:
            return _BROKEN
