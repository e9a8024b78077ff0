"""A PagerDuty account that is connected: whether it still takes what it is used with, and another key for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from syncd.connections.probes import connecting, written
from syncd.errors import Misconfigured, Refused
from syncd.store import diagnoses
from syncd.store.integrations import Integration
from syncd.systems.pagerduty.account import KeyKind

from . import acting, pasted
from .reach import At, Reached, at_of, diagnosed, reach, sent_as
from .renewed import Renewed
from .setup import Setup, talking

_OF_OAUTH = {"auth", "identity"}  # settings that an account connected by a key has not


def renewed(setup: Setup, it: Integration, api_key: str, email: str) -> Renewed:
    """With another key, and with another user where one is named."""
    chosen = email.strip() or it.chosen_sender
    at = replace(_of(it, api_key), email=chosen or it.writes_as, naming=_naming(chosen))
    found = diagnosed(setup, it.slug, at)
    with talking():
        reached, sender = reach(setup, it.slug, at)
    acts_as, given_up = acting.after(it, reached.key)
    no_oauth = dict.fromkeys(_OF_OAUTH & it.settings.keys(), "")
    return Renewed(
        {"api_key": pasted.rest_key(api_key)},
        {**no_oauth, **sent_as(sender, chosen), **acts_as},
        (*reached.warnings, *_unchosen(it, reached, chosen), *given_up, *found.warnings),
        reached.host,
        found.answers,
    )


def _naming(chosen: str) -> str:
    if chosen:
        return "name one of its users by --email"
    return "our writes were made as that user, whose own key or token it was, and nobody has chosen another: name one by --email"


def _unchosen(it: Integration, reached: Reached, chosen: str) -> list[str]:
    """A key of the account writes as whoever it is told, and nobody has told."""
    if chosen or reached.key is not KeyKind.ACCOUNT or not reached.sender:
        return []
    said = (
        f"Nobody has chosen whom writes to {it.slug} are made as, so that they go on as {reached.sender}, who had agreed or whose key it "
        f"was; choose by `syncd integrations set {it.slug} --email ADDRESS`."
    )
    return [said]


def checked(setup: Setup, it: Integration) -> Mapping[str, str]:
    at = at_of_stored(setup, it, is_read_only=it.is_read_only)
    with setup.db.read() as tx:
        worked = connecting.worked(tx, it.slug)
    try:
        found = diagnosed(setup, it.slug, at, worked)
        with talking():
            reached, _ = reach(setup, it.slug, at)
    except (Misconfigured, Refused):
        _doubt(setup, it.slug)
        raise
    setup.learn(it, reached.host)
    acts_as = {"acts as": f"the person who made the change; {it.settings['from']} where that cannot be"}
    mind = (*reached.warnings, *found.warnings)
    if found.warnings:
        _doubt(setup, it.slug)
    else:
        with setup.db.write() as tx:  # What was just heard is what `status` and `doctor` say from now on.
            written.write_of(tx, it, found.answers, setup.db.now(tx))
    warnings = {"mind": " ".join(mind)} if mind else {}
    return {"credential": "accepted", **reached.told, **(acts_as if it.acts_as_person else {}), **warnings}


def at_of_stored(setup: Setup, it: Integration, *, is_read_only: bool) -> At:
    """As it is kept."""
    by_key, by_oauth = (
        f"`syncd integrations set {it.slug} --email ADDRESS`",
        f"`syncd integrations authorise {it.slug}`",
    )
    naming = f"name another by {by_oauth if it.is_by_oauth else by_key}"
    ca_file = it.settings.get("ca_file", "")
    return At(setup.credential(it), it.settings["from"], it.base_url, ca_file, is_read_only, naming)


def _doubt(setup: Setup, slug: str) -> None:
    """Whoever tests an account only asks: a worker asks again within a minute, and tells and holds what has to be."""
    with setup.db.write() as tx:
        diagnoses.hasten(tx, slug, setup.db.now(tx))


def _of(it: Integration, api_key: str) -> At:
    ca_file = it.settings.get("ca_file", "")
    return at_of(api_key, it.settings["from"], it.base_url, ca_file, is_read_only=it.is_read_only)
