"""Every setting, where it came from, and what is wrong with it. Read once at start; nothing else reads the environment.

One TOML file < secret files < SYNCD_* variables < flags. A `$` in a value is a dollar sign.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import ip_address
from math import inf
from pathlib import Path
from typing import Annotated, Literal, get_args
from urllib.parse import parse_qsl, urlencode, urlsplit

from pydantic import (
    BeforeValidator,
    Field,
    InstanceOf,
    PrivateAttr,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from syncd import outgoing, toml
from syncd.credential import last_four
from syncd.errors import Misconfigured
from syncd.evidence.rules import file as rules_file
from syncd.evidence.rules.values import Rules

_PREFIX = "SYNCD_"
_FILES = (Path("syncd.toml"), Path("/etc/syncd/syncd.toml"))
#: What a flag is called, where that is not the setting's own name.
_FLAGS = {"http_host": "--host", "http_port": "--port", "sim_port": "--port"}
_RULES = rules_file.TABLE  # in the file, and nowhere else
_BOUNDS = {"gt": "above", "ge": "at least", "le": "at most"}
_TAKES = {
    "home": "the path of a folder, and a ~ in it only for a person known here",
    "redis_url": "redis://host, rediss://host or unix:///path/of.sock",
    "redis_key_prefix": "text without spaces and braces",
    "outgoing_allow": outgoing.TAKES,
    "public_url": "an address that begins with https:// or http:// and names a host",
    "console_url": "an address that begins with https:// or http:// and names a host",
    _RULES: rules_file.TAKES,
}
_SHORTEST_DAYS = 8  # PagerDuty repeats a hook for 2 days, and events are remembered for 7
_MOST_DAYS = 36_500
_FOREVER = 'or the word "forever"'
_TAKES |= {
    "keep_hook_bodies_days": f"a whole number of days, at least {_SHORTEST_DAYS}, at most {_MOST_DAYS}, {_FOREVER}",
    "keep_hooks_days": f"a whole number of days, from keep_hook_bodies_days to {_MOST_DAYS}, {_FOREVER}",
    "keep_deliveries_days": f"a whole number of days, from keep_hook_bodies_days to {_MOST_DAYS}, {_FOREVER}",
}
_PASSWORD = re.compile(r"(?<=://)([^/@:]*):[^/@]+@")


def _default_home() -> Path:
    state = os.environ.get("XDG_STATE_HOME", "")
    # The rule of the XDG folders: a relative path there is as good as none.
    if Path(state).is_absolute():
        return Path(state) / "syncd"
    try:
        return Path.home() / ".local" / "state" / "syncd"
    except RuntimeError as error:
        raise Misconfigured("There is no home folder to keep state in; set SYNCD_HOME.") from error


def _one_word(value: object) -> object:
    return "forever" if isinstance(value, str) and value.replace(" ", "").lower() == "forever" else value


#: Never 0: some would mean by it that nothing is to be kept, and some everything.
Days = Annotated[
    Annotated[int, Field(ge=_SHORTEST_DAYS, le=_MOST_DAYS)] | Literal["forever"], BeforeValidator(_one_word)
]


class Settings(BaseSettings):
    """Made from its arguments alone; `load` is what looks around."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    home: Path = Field(default_factory=_default_home)  # state of the embedded store
    database_url: str = Field("", repr=False)  # empty: SQLite in `home`
    redis_url: str = Field("", repr=False)  # empty: the embedded Valkey, which `syncd up` starts
    redis_key_prefix: str = Field("", pattern=r"^[^\s{}]*$")  # before every key, where several daemons share a server
    master_keys: SecretStr = SecretStr("")  # id:base64,... The first seals, any unseals.
    api_token: SecretStr = SecretStr("")  # opens /v1 and the pages; `syncd up` makes one of its own
    public_url: str = ""  # where the world reaches this daemon's hooks, and its console too, unless console_url is set
    console_url: str = ""  # where people reach the console; empty: at public_url, unless that is the port of the hooks, or else on this machine
    outgoing_allow: str = ""  # opened besides public addresses: `10.0.0.0/8`, `desk.internal`, `name:port`
    http_host: str = "127.0.0.1"  # where hooks are taken: /hooks, /healthz and /readyz, and nothing else
    http_port: int = Field(8080, ge=0, le=65535)  # and on which port
    console_host: str = "127.0.0.1"  # where the console and the API listen
    console_port: int = Field(8082, ge=0, le=65535)  # and on which port
    metrics_host: str = "127.0.0.1"  # where /metrics listens; nobody is asked who reads it
    metrics_port: int = Field(0, ge=0, le=65535)  # and on which port, beside the console; 0: nowhere
    notify_webhook_url: SecretStr = SecretStr("")  # notices go there, signed as Standard Webhooks asks for
    notify_webhook_secret: SecretStr = SecretStr("")  # with this: whsec_ and at least 24 bytes in base64
    notify_slack_url: SecretStr = SecretStr("")  # an incoming webhook of Slack, or of a chat that takes the same
    notify_smtp_url: SecretStr = SecretStr("")  # smtp://user:password@host:587 or smtps://, for notices by mail
    notify_mail_from: str = ""  # its sender
    notify_mail_to: str = ""  # and who gets it, with commas between
    sim_port: int = Field(8081, ge=0, le=65535)  # where the simulated PagerDuty listens, on this machine only
    log_level: Literal["debug", "info", "warning", "error"] = "info"  # readable on a terminal, else JSON
    worker_threads: int = Field(8, ge=1, le=64)  # calls one worker process has out at once to each account
    worker_processes: int = Field(2, ge=1, le=64)  # of one `syncd worker`
    # that share each key while Redis is away; 0: as many as worker_processes
    budget_processes: int = Field(0, ge=0, le=1024)
    pagerduty_requests: int = Field(960, ge=1, le=100_000)  # a minute, for each key; PagerDuty documents 960
    service_key_events: int = Field(120, ge=1, le=100_000)  # a minute, for each service key; PagerDuty takes about 120
    sweep_s: float = Field(3.0, gt=0, le=60)  # how often each worker looks for what it was not woken for
    hook_max_bytes: int = Field(1024 * 1024, ge=1024, le=16 * 1024 * 1024)  # PagerDuty never sends more than 256 KiB
    hook_deadline_s: float = Field(5.0, gt=0, le=60)  # for the whole request to come in; PagerDuty waits 5 s in all
    http_connections: int = Field(1000, ge=8)  # open at once; more get a 503
    unlinked_minutes: int = Field(10, ge=0, le=24 * 60)  # how long a hook waits for a link that is still opening
    # writes of one field to one side of a link in a minute; more pause it
    loop_changes: int = Field(10, ge=2, le=10_000)
    loop_notes: int = Field(60, ge=2, le=10_000)  # the same for its comments
    keep_hook_bodies_days: Days = 30  # what a hook carried; a replay of the hook needs it; a number or "forever"
    keep_hooks_days: Days = Field(400, validate_default=True)  # that it came, and when; a repeat is known by it
    # the rows that say why, their errands, and the action log
    keep_deliveries_days: Days = Field(400, validate_default=True)
    # what evidence is judged by: the table `[evidence]` of the file, see [findings.md](findings.md)
    evidence: InstanceOf[Rules] = Field(default_factory=Rules)

    # how logs of incidents are read: one request for each (incident), by the time they were written (account), or what takes fewer
    evidence_log_strategy: Literal["auto", "incident", "account"] = "auto"
    # a CSV file of the organisation's people, by their e-mail addresses; empty: there is none
    evidence_roster: str = ""

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)

    @field_validator("log_level", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("keep_hooks_days", "keep_deliveries_days")
    @classmethod
    def _outlives_bodies(cls, value: Days, info: ValidationInfo) -> Days:
        """One that is itself not valid has been told."""
        if days(value) < days(info.data.get("keep_hook_bodies_days", _SHORTEST_DAYS)):
            raise ValueError(_TAKES[str(info.field_name)])
        return value

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        try:
            return value.expanduser().absolute()
        except RuntimeError as error:
            raise ValueError(_TAKES["home"]) from error

    @field_validator("outgoing_allow", mode="before")
    @classmethod
    def _one_line(cls, value: object) -> object:
        """TOML has lists."""
        return ",".join(map(str, value)) if isinstance(value, list) else value

    @field_validator("outgoing_allow")
    @classmethod
    def _openings(cls, value: str) -> str:
        return outgoing.parsed(value).text

    @field_validator("public_url", "console_url")
    @classmethod
    def _reachable(cls, value: str) -> str:
        if value and not _is_address(value):
            raise ValueError(_TAKES["public_url"])
        return value.rstrip("/")

    @field_validator("redis_url")
    @classmethod
    def _one_spelling(cls, value: str) -> str:
        """Kept as redis-py spells it."""
        scheme, _, rest = value.partition("://")
        known = {"redis": "redis", "rediss": "rediss", "unix": "unix", "redis+socket": "unix"}
        if value and (scheme not in known or not rest):
            raise ValueError(_TAKES["redis_url"])
        return f"{known[scheme]}://{rest}" if value else ""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  The signature is pydantic's.
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)

    def origins(self) -> Mapping[str, str]:
        """Setting -> where its value came from."""
        return {name: self._origins.get(name, "default") for name in type(self).model_fields}

    def shown(self) -> Mapping[str, str]:
        """Setting -> its value, fit to be shown: of a secret its last four characters, no password inside an address."""
        return {name: _shown(getattr(self, name)) for name in type(self).model_fields}

    def site_told(self) -> str:
        """Where people reach the console, as far as somebody has said so. Without anything before it the port of the hooks has no pages."""
        leads_to_pages = urlsplit(self.public_url).port != self.http_port
        return self.console_url or (self.public_url if leads_to_pages else "")

    def is_behind_proxy(self) -> bool:
        """People are told another name than this machine's: then what comes from this machine was brought by the proxy of that name."""
        return not _is_loopback(urlsplit(self.site_told()).hostname or "localhost")

    def sql_url(self) -> str:
        return self.database_url or f"sqlite:///{self.home / 'syncd.db'}"

    def outgoing(self) -> outgoing.Outgoing:
        """Where requests to configured addresses may go."""
        return outgoing.parsed(self.outgoing_allow)

    def redis_py_url(self) -> str:
        """Empty when no server is configured."""
        return self.redis_url

    def celery_url(self) -> str:
        """The same server as Celery spells it."""
        address, _, asked = self.redis_url.partition("?")
        query = parse_qsl(asked)
        if address.startswith("unix://"):
            address = f"redis+socket://{address.removeprefix('unix://')}"
            query = [("virtual_host" if name == "db" else name, value) for name, value in query]
        elif address.startswith("rediss://") and "ssl_cert_reqs" not in dict(query):
            # Left out, redis-py checks the certificate and kombu does not.
            query.append(("ssl_cert_reqs", "required"))
        return f"{address}?{urlencode(query, safe='/')}" if query else address


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return last_four(value.get_secret_value()) if value.get_secret_value() else ""
    if isinstance(value, Rules):
        return rules_file.told(value)
    return _PASSWORD.sub(r"\1:***@", str(value))


def _is_address(value: str) -> bool:
    try:
        it = urlsplit(value)
        return it.scheme in {"http", "https"} and bool(it.hostname) and it.port != 0
    except ValueError:  # Its port, or its host, is none.
        return False


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def days(kept: Days) -> float:
    return inf if kept == "forever" else kept


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
            settings._origins.update({name: one.origin for name, one in found.items()})  # noqa: SLF001  Its maker.
            return settings
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
        raise Misconfigured(f"{_PREFIX}{_RULES.upper()}: no such setting; the rules of evidence are {_TAKES[_RULES]}.")
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
    text = _PASSWORD.sub(r"\1:***@", repr(value))
    return text if len(text) <= 80 else f"{text[:77]}..."


def _taken(name: str) -> str:
    """What a setting may be."""
    if name in _TAKES:
        return _TAKES[name]
    field = Settings.model_fields[name]
    if field.annotation not in {int, float}:
        words = get_args(field.annotation)
        return f"{', '.join(words[:-1])} or {words[-1]}" if words else "text"
    bounds = {kind: getattr(one, kind) for one in field.metadata for kind in _BOUNDS if hasattr(one, kind)}
    said = [f"{word} {bounds[kind]}" for kind, word in _BOUNDS.items() if kind in bounds]
    return ", ".join(["a whole number" if field.annotation is int else "a number", *said])
