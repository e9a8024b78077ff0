"""These commands on a daemon elsewhere: the same, by its /v1."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from syncd.cli.joining import mind
from syncd.cli.reach import Json
from syncd.cli.saying import say

if TYPE_CHECKING:
    from syncd.cli.remote import Remote


@contextmanager
def there(server: str) -> Iterator[Remote]:
    from syncd.cli.remote import SETUP_SECONDS, remote

    with remote(server, SETUP_SECONDS) as far:
        yield far


def act(server: str, name: str, what: str, fields: Json) -> Json:
    with there(server) as far:
        return far.act_on_integration(name, what, fields)


def said(answer: Json) -> None:
    """As the command says it here."""
    say(answer["says"])
    mind(answer.get("warnings", ()))


def refuse_files(ca_file: str) -> None:
    from syncd.errors import Misconfigured

    if ca_file:
        message = "--ca-file is a file of the daemon's machine; run this command there, or leave it out."
        raise Misconfigured(message)
