"""Connecting a case desk: it is asked with the token, under the name our writes are made with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncd.core.changes import Side
from syncd.core.connection import Kind
from syncd.errors import Conflict, Misconfigured
from syncd.store.integrations import Integration
from syncd.systems import casedesk

from . import pasted
from .history import begun
from .renewed import Renewed
from .setup import WHERE_IS_GIVEN, Setup, absolute, named, talking
from .terms import Joined


def add_casedesk(
    setup: Setup, slug: str, *, base_url: str, token: str, writes_as: str = "syncd", ca_file: str = "", by: str = ""
) -> None:
    pasted.refuse_misplaced(token, name=slug, address=base_url, account=writes_as)
    slug, ca_file, token = named(slug), absolute(ca_file), pasted.token(token)
    setup.refuse_taken(slug)
    with begun(setup, slug, Kind.INITIATED, by):
        with talking(WHERE_IS_GIVEN):
            _check(setup, base_url, token, writes_as, ca_file)
        setup.store(
            slug,
            system="casedesk",
            side=Side.CASE,
            base_url=base_url.rstrip("/"),
            settings={"account": writes_as, "ca_file": ca_file},
            credentials={"token": token},
            joined=Joined(by),
        )


def renewed(setup: Setup, it: Integration, token: str, email: str) -> Renewed:
    if email:
        raise Conflict(f"{it.slug} is not a PagerDuty account; leave --email out.")
    token = pasted.token(token)
    with talking():
        _check(setup, it.base_url, token, it.settings["account"], it.settings.get("ca_file", ""))
    return Renewed({"token": token}, {})


def checked(setup: Setup, it: Integration) -> Mapping[str, str]:
    token = setup.credentials(it)["token"]
    with talking():
        _check(setup, it.base_url, token, it.settings["account"], it.settings.get("ca_file", ""))
    return {"credential": "accepted"}


def priorities(setup: Setup, it: Integration) -> Sequence[str]:
    """From most to least severe; none where it does not tell."""
    token, settings = setup.credentials(it)["token"], it.settings
    with talking():
        desk = _desk(setup, it.base_url, token, settings["account"], settings.get("ca_file", ""))
        told = desk.names(setup.trip("connector"))
    return told.priorities if told is not None else ()


def _check(setup: Setup, base_url: str, token: str, writes_as: str, ca_file: str) -> None:
    problems = _desk(setup, base_url, token, writes_as, ca_file).check(setup.trip("connect"))
    if problems:
        raise Misconfigured(" ".join(one.sentence for one in problems))


def _desk(setup: Setup, base_url: str, token: str, writes_as: str, ca_file: str) -> casedesk.CaseDesk:
    http = casedesk.http(base_url, token, verify=ca_file or None, outgoing=setup.outgoing)
    return casedesk.CaseDesk(http, writes_as)
