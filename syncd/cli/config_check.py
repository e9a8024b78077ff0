"""What reading the settings alone cannot tell: whether what they name answers, and which variables nobody reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from syncd.errors import Misconfigured, SyncdError
from syncd.settings import Settings
from syncd.store.database import file_of
from syncd.store.schema import EMPTY, version
from syncd.systems.channels.unusable import Unusable
from syncd.wiring import channels, database

from .existing import is_missing

WITHIN = 3  # seconds for each address
_PREFIX = "SYNCD_"
#: Variables that are read and are no settings.
_OTHERS = (
    "BY",
    "CONFIG",
    "DEMO_SIM",
    "READ_BY_PEOPLE",
    "SECRET",
    "SECRETS_DIR",
    "SERVER",
    "SUPERVISOR",
    "TOKEN",
)
_NAMES = (*(name.upper() for name in Settings.model_fields), *_OTHERS)


@dataclass(frozen=True, slots=True)
class Answer:
    what: str
    words: str
    fault: SyncdError | None = None


def strangers(environ: Mapping[str, str]) -> Iterator[str]:
    """Each in a sentence. Another program's variable may begin like ours, so none of them stops anything."""
    for variable in sorted(environ):
        name = variable.removeprefix(_PREFIX).upper()
        if variable.startswith(_PREFIX) and environ[variable] and name not in _NAMES:
            close = " or ".join(f"{_PREFIX}{one}" for one in get_close_matches(name, _NAMES, n=2))
            guess = f"did you mean {close}?" if close else "`syncd config show` has all there are."
            yield f"{variable} is no setting of syncd; {guess}"


def answers(settings: Settings) -> Iterator[Answer]:
    yield _tried("database", lambda: _database(settings))
    yield _tried("redis", lambda: _redis(settings))
    for name, one in channels(settings).items():
        if isinstance(one, Unusable):
            yield Answer(name, one.why, Misconfigured(one.why))
        else:
            yield Answer(name, f"Notices go to {one.where}.")


def _tried(what: str, ask: Callable[[], str]) -> Answer:
    try:
        return Answer(what, ask())
    except SyncdError as error:
        return Answer(what, str(error), error)


def _database(settings: Settings) -> str:
    file = file_of(settings.sql_url())
    if is_missing(file):
        return f"There is no {file} yet; `syncd up` makes it."
    db = database(settings, within=WITHIN)
    try:
        with db.read() as tx:
            there = version(tx)
    finally:
        db.close()
    where = settings.shown()["database_url"] or str(file)
    return f"{where} answers" + ("; it has no schema yet, which `syncd db upgrade` makes." if there == EMPTY else ".")


def _redis(settings: Settings) -> str:
    if not settings.redis_url:
        return "None is named; `syncd up` starts one of its own."
    from syncd.queue import require_broker

    require_broker(settings, WITHIN)
    return f"{settings.shown()['redis_url']} answers."
