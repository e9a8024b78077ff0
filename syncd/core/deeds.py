"""What a person or a program does here, as the action log has it: who, by which way, what, on what, and how it ended."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from syncd.credential import LIKE_A_KEY, OUR_TOKEN, unkeyed


class Way(StrEnum):
    CONSOLE = "console"
    API = "api"
    CLI = "cli"


class KnownAs(StrEnum):
    """How we know who it was."""

    USER = "user"
    TOKEN = "token"  # noqa: S105  The word for one.
    OWN_TOKEN = "own_token"  # noqa: S105  Of this daemon: who has it may use any name
    OS_USER = "os_user"  # whom this machine's system says the command runs as
    NOBODY = "nobody"  # it never got so far


class End(StrEnum):
    BEGUN = "begun"  # it is being done; or it was cut off, and may have been done
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Taken:
    """What went out of here, of a deed that takes something out."""

    rows: int | None  # it is not known of a file that broke off in the middle, unless each of its lines is a row
    bytes: int
    sha256: str = ""  # of exactly these bytes, once the last of them has gone


#: What needs no action of the roles, or none that any role has.
SIGN_IN, SIGN_OUT, OWN_PASSWORD = "access:SignIn", "access:SignOut", "access:OwnPassword"
FIRST_ADMIN = "access:FirstAdmin"
OF_THE_MACHINE = "machine:Manage"  # what only whoever works on this machine can do

#: Fields of bodies, forms and commands that say on what and how, and in which nobody writes what only a few may read. Nothing else of
#: them is kept: no secrets, no passwords, no words of cases.
_HARMLESS = frozenset(
    [
        "acceptance",
        "act",
        "after_restore",
        "at",
        "by",
        "check",
        "choices",
        "connector",
        "datasets",
        "days",
        "deep",
        "delivery",
        "dry_run",
        "end_links",
        "expires_days",
        "field",
        "force",
        "form",
        "ids",
        "integration",
        "integrations",
        "is_agreed",
        "is_deep",
        "key",
        "key_id",
        "link",
        "made",
        "move",
        "name",
        "number",
        "off",
        "on",
        "period",
        "preset",
        "priority",
        "pseudonyms",
        "reference",
        "replace",
        "role",
        "side",
        "since",
        "slug",
        "subject",
        "switch",
        "system",
        "to",
        "token",
        "two_way",
        "until",
        "value",
        "yes",
    ]
)
#: Fields of bodies that hold a secret, which somebody may have pasted into another one as well.
_SECRET = frozenset({"api_key", "client_secret", "credential", "password", "secret"})
_LONGEST = 255
#: What records are called by whoever keeps them, which may look like anything. Without it nobody knows what was acted on.
_RECORDS = frozenset({"delivery", "ids", "key", "reference"})
_NUMBERED = frozenset({"link"})  # of an alert it is an address, which may have a secret in it
_TOKEN = re.compile(rf"{OUR_TOKEN}[\w-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Deed:
    who: str
    known_as: KnownAs
    way: Way
    action: str  # what a role needs for it
    act: str  # the route or the command
    named: Mapping[str, str] = field(
        default_factory=dict
    )  # on what: what its address names, and what is harmless of the rest


def harmless(given: Mapping[str, Any]) -> dict[str, str]:
    """In the order given. Somebody may name a token by the token itself, which is not kept either."""
    kept = {name: value for name, value in given.items() if name in _HARMLESS}
    secrets = {value for name, value in given.items() if name in _SECRET and value}
    told = {
        name: LIKE_A_KEY if isinstance(value, str) and value in secrets else _told(name, value)
        for name, value in kept.items()
        if name not in _NUMBERED or str(value).isdecimal()
    }
    return {name: text for name, text in told.items() if text}


def _told(name: str, value: object) -> str:
    if value is None or value is False or value == "":
        return ""
    if isinstance(value, list | tuple):
        value = ", ".join(map(str, value))
    text = _TOKEN.sub(f"{OUR_TOKEN}…", "yes" if value is True else str(value))
    return (text if name in _RECORDS else unkeyed(text))[:_LONGEST]


def end_of(status: int) -> End:
    """By the status of an HTTP answer."""
    if status < 400:
        return End.DONE
    return End.REFUSED if status < 500 else End.FAILED


def end_of_command(code: int) -> End:
    """By the code that a command leaves with: 1 is a finding, 2 and 4 a refusal."""
    if code in {0, 1}:
        return End.DONE
    return End.REFUSED if code in {2, 4} else End.FAILED
