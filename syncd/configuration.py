"""Where settings are looked for, and what is said about one that is wrong. Read once at start; nothing else reads the environment.

One TOML file < secret files < SYNCD_* variables < flags. A `$` in a value is a dollar sign.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import get_args

from pydantic import SecretStr, ValidationError
from pydantic_settings import EnvSettingsSource

from syncd import toml
from syncd.address.showing import shown, shown_in
from syncd.errors import Misconfigured
from syncd.evidence.rules import file as rules_file
from syncd.settings import TAKES, Settings

_PREFIX = "SYNCD_"
_FILES = (Path("syncd.toml"), Path("/etc/syncd/syncd.toml"))
#: What a flag is called, where that is not the setting's own name.
_FLAGS = {"http_host": "--host", "http_port": "--port", "sim_port": "--port"}
_RULES = rules_file.TABLE  # in the file, and nowhere else
_BOUNDS = {"gt": "above", "ge": "at least", "le": "at most"}


@dataclass(frozen=True, slots=True)
class _Found:
    value: object
    origin: str


def load(config_path: Path | None = None, **flags: object) -> Settings:
    """Look in every place a setting may stand. Raises Misconfigured with one line for each fault."""
    faults: list[str] = []
    found = {
        **_from_file(config_path, faults),
        **_from_secrets(faults),
        **_from_environment(faults),
        **_from_flags(flags),
    }
    try:
        settings = Settings.model_validate({name: one.value for name, one in found.items()})
    except ValidationError as error:
        faults += _sentences(error, found)
    else:
        if not faults:
            return settings.come_from({name: one.origin for name, one in found.items()})
    raise Misconfigured("\n".join(faults))


def _from_file(config_path: Path | None, faults: list[str]) -> dict[str, _Found]:
    path = _the_file(config_path)
    if path is None:
        return {}
    try:
        text = path.read_text(encoding="utf-8")
        table = toml.parsed(text)
    except (OSError, UnicodeDecodeError, toml.NoToml) as error:
        faults.append(f"{path}: it cannot be read as TOML: {_why(error)}.")
        return {}
    if _RULES in table:
        try:
            table[_RULES] = rules_file.rules_in(path, table[_RULES], text)
        except Misconfigured as error:
            faults += [str(error)]
            del table[_RULES]
    faults += [f"{path}: {name}: no such key{_guess(name)}" for name in table if name not in Settings.model_fields]
    return {name: _Found(value, str(path)) for name, value in table.items() if name in Settings.model_fields}


def _why(error: OSError | ValueError) -> str:
    if isinstance(error, toml.NoToml):
        return error.told
    return str(error.strerror if isinstance(error, OSError) else error)


def _the_file(config_path: Path | None) -> Path | None:
    """The first one named or standing; one that was named must exist."""
    named = config_path or os.environ.get(f"{_PREFIX}CONFIG")
    if named:
        return Path(named)
    return next((path for path in _FILES if path.is_file()), None)


def _from_secrets(faults: list[str]) -> dict[str, _Found]:
    found: dict[str, _Found] = {}
    for variable in ("CREDENTIALS_DIRECTORY", f"{_PREFIX}SECRETS_DIR"):
        folder = os.environ.get(variable)
        if folder:
            found.update(_from_folder(Path(folder), faults))
    return found


def _from_folder(folder: Path, faults: list[str]) -> Iterator[tuple[str, _Found]]:
    for name in Settings.model_fields.keys() - {_RULES}:
        path = folder / name
        try:
            if path.is_file():
                yield name, _Found(path.read_text(encoding="utf-8").strip(), str(path))
        except (OSError, UnicodeDecodeError):
            faults.append(f"{path}: it cannot be read; give the daemon's user the right to, and keep it text.")


def _from_environment(faults: list[str]) -> dict[str, _Found]:
    if f"{_PREFIX}{_RULES.upper()}" in os.environ:
        raise Misconfigured(f"{_PREFIX}{_RULES.upper()}: no such setting; the rules of evidence are {TAKES[_RULES]}.")
    source = EnvSettingsSource(Settings, env_prefix=_PREFIX, env_ignore_empty=True)
    # Other programs' variables may begin like ours, so only what nearly is a setting is taken for a slip.
    for variable in sorted(os.environ):
        name = variable.removeprefix(_PREFIX).lower()
        if variable.startswith(_PREFIX) and name not in Settings.model_fields:
            close = get_close_matches(name, Settings.model_fields, n=1, cutoff=0.86)
            faults += [f"{variable}: no such setting, did you mean {_PREFIX}{guess.upper()}?" for guess in close]
    return {name: _Found(value, f"{_PREFIX}{name.upper()}") for name, value in source().items()}


def _from_flags(flags: Mapping[str, object]) -> dict[str, _Found]:
    named = {name: _FLAGS.get(name, f"--{name.replace('_', '-')}") for name in flags}
    return {name: _Found(value, named[name]) for name, value in flags.items() if value is not None}


def _guess(name: str) -> str:
    close = get_close_matches(name, Settings.model_fields, n=1)
    return f", did you mean {close[0]}?" if close else "."


def _sentences(error: ValidationError, found: Mapping[str, _Found]) -> Iterator[str]:
    """One for each setting that is wrong, in words of ours."""
    for name in dict.fromkeys(str(fault["loc"][0]) for fault in error.errors(include_input=False, include_url=False)):
        given = found.get(name) or _Found(Settings.model_fields[name].default, "its default")
        # A variable, a flag or a secret's own file is named like the setting it holds; a file of many is not.
        is_named = given.origin.startswith(("--", _PREFIX)) or Path(given.origin).name == name
        where = given.origin if is_named else f"{given.origin}: {name}"
        # An address may hold a password.
        is_secret = Settings.model_fields[name].annotation is SecretStr or not Settings.model_fields[name].repr
        yield f"{where} is {'not valid' if is_secret else _quoted(given.value)}; it takes {_taken(name)}."


def _quoted(value: object) -> str:
    """On one line, no longer than one can take in, and without a password that stands in an address."""
    text = repr(shown(value)) if isinstance(value, str) else shown_in(repr(value))
    return text if len(text) <= 80 else f"{text[:77]}..."


def _taken(name: str) -> str:
    """What a setting may be."""
    if name in TAKES:
        return TAKES[name]
    field = Settings.model_fields[name]
    if field.annotation not in {int, float}:
        words = get_args(field.annotation)
        return f"{', '.join(words[:-1])} or {words[-1]}" if words else "text"
    bounds = {kind: getattr(one, kind) for one in field.metadata for kind in _BOUNDS if hasattr(one, kind)}
    said = [f"{word} {bounds[kind]}" for kind, word in _BOUNDS.items() if kind in bounds]
    return ", ".join(["a whole number" if field.annotation is int else "a number", *said])
