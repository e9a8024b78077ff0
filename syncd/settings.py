"""Every setting: what it is for, what it may be, and what it means to those who use it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from ipaddress import ip_address
from math import inf
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    BeforeValidator,
    Field,
    InstanceOf,
    PrivateAttr,
    SecretStr,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from syncd import outgoing
from syncd.address.reading import SPELLED, is_database, is_web
from syncd.address.redis import for_celery, is_redis
from syncd.address.showing import shown as without_password
from syncd.credential import last_four
from syncd.errors import Misconfigured
from syncd.evidence.rules import file as rules_file
from syncd.evidence.rules.values import Rules

TAKES = {
    "home": "the path of a folder, and a ~ in it only for a person known here",
    "database_url": f"sqlite:////path/file.db or postgresql://user:password@host/name, {SPELLED}",
    "redis_url": f"redis://:password@host:port/number, rediss://host or unix:///path/of.sock, {SPELLED}",
    "redis_key_prefix": "text without spaces and braces",
    "outgoing_allow": outgoing.TAKES,
    "public_url": "an address that begins with https:// or http:// and names a host",
    "console_url": "an address that begins with https:// or http:// and names a host",
    rules_file.TABLE: rules_file.TAKES,
}
_SHORTEST_DAYS = 8  # PagerDuty repeats a hook for 2 days, and events are remembered for 7
_MOST_DAYS = 36_500
_FOREVER = 'or the word "forever"'
TAKES |= {
    "keep_hook_bodies_days": f"a whole number of days, at least {_SHORTEST_DAYS}, at most {_MOST_DAYS}, {_FOREVER}",
    "keep_hooks_days": f"a whole number of days, from keep_hook_bodies_days to {_MOST_DAYS}, {_FOREVER}",
    "keep_deliveries_days": f"a whole number of days, from keep_hook_bodies_days to {_MOST_DAYS}, {_FOREVER}",
}


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
    """Made from its arguments alone; `configuration.load` is what looks around."""

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
            raise ValueError(TAKES[str(info.field_name)])
        return value

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        try:
            return value.expanduser().absolute()
        except RuntimeError as error:
            raise ValueError(TAKES["home"]) from error

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
        if value and not is_web(value):
            raise ValueError(TAKES["public_url"])
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _of_a_database(cls, value: str) -> str:
        """Nothing runs without it, so that it is told before anything is begun; a channel of notices is another thing (wiring)."""
        if value and not is_database(value):
            raise ValueError(TAKES["database_url"])
        return value

    @field_validator("redis_url")
    @classmethod
    def _one_spelling(cls, value: str) -> str:
        """Kept as redis-py spells it."""
        scheme, _, rest = value.partition("://")
        known = {"redis+socket": "unix"}.get(scheme, scheme)
        if value and not is_redis(f"{known}://{rest}"):
            raise ValueError(TAKES["redis_url"])
        return f"{known}://{rest}" if value else ""

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

    def come_from(self, origins: Mapping[str, str]) -> Settings:
        self._origins.update(origins)
        return self

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
        return for_celery(self.redis_url) if self.redis_url else ""


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return last_four(value.get_secret_value()) if value.get_secret_value() else ""
    if isinstance(value, Rules):
        return rules_file.told(value)
    return without_password(str(value))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def days(kept: Days) -> float:
    return inf if kept == "forever" else kept
