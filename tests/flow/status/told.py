"""What the daemon says of itself, for the tests of every finding."""

from __future__ import annotations

import re
import shlex

from syncd import errors
from syncd.core.query.address import from_parameters
from syncd.flow.status.condition import Condition, condition
from syncd.flow.status.parts import PARTS
from syncd.store import heartbeats, links
from syncd.store.audit.pages import page
from tests.flow.world import World

REFUSED_KEY = errors.Unauthorised("The key is not accepted.", status=401)
NO = errors.Refused("This note is too long.", status=400)
AWAY = errors.Unreachable("The connection was refused.")
NOBODY_ON_CALL = errors.Refused("Nobody is on call for this service.", reason="nobody_on_call", status=400, code=1015)


def beat(world: World, *parts: str, instance: str = "host:1") -> None:
    with world.db.write() as tx:
        for part in parts:
            heartbeats.beat(tx, part, instance, world.db.now(tx))


def seen(world: World) -> Condition:
    """With every part alive, unless a test is about that."""
    beat(world, *PARTS)
    return condition(world.db)


def whats(found: Condition) -> list[str]:
    for one in found.findings:
        assert one.what.endswith("."), "a sentence,"
        assert one.remedy.endswith("."), "and what to do about it"
    return [one.what for one in found.findings]


def shown_by(world: World, found: Condition, start: str) -> int:
    """How many rows the remedy of this finding shows to whoever types it."""
    (remedy,) = (one.remedy for one in found.findings if one.what.startswith(start))
    command, *_ = re.findall("`syncd ([^`]*)`", remedy)
    noun, verb, *rest = shlex.split(command)
    with world.db.read() as tx:
        if (noun, verb) == ("links", "show"):
            return len(links.about(tx, *rest))
        assert (noun, verb) == ("deliveries", "list")
        query = from_parameters(zip((one.removeprefix("--") for one in rest[::2]), rest[1::2], strict=True))
        return len(page(tx, query, world.db.now(tx), limit=100).rows)
