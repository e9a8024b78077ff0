"""What a check-up finds in the database: its parts' signs of life, and whether what is sealed can be opened."""

from __future__ import annotations

from collections.abc import Iterator

from syncd.connections.vault import Vault
from syncd.core.checked import Checked, failed, fine, warned
from syncd.core.judging import State
from syncd.core.reasons import Reason
from syncd.errors import Misconfigured
from syncd.flow.status import stuck
from syncd.flow.status.parts import SILENT_AFTER, UNKNOWN
from syncd.store import heartbeats, integrations, sealed
from syncd.store.database import Database

_CODES = {"worker": "SYN-WORKER", "beat": "SYN-BEAT"}


def parts(db: Database) -> Iterator[Checked]:
    """Of those that have fallen silent nobody can tell whether they run, while no sign of life can be stored."""
    with db.read() as tx:
        now, beats = db.now(tx), heartbeats.latest(tx)
    for part, code in _CODES.items():
        mine = [one for one in beats if one.part == part]
        alive = [one for one in mine if not one.is_stopped and now - one.at < SILENT_AFTER]
        if alive:
            yield fine(part, f"{len(alive)} running.")
        elif mine:
            last = max(one.at for one in mine)
            if db.trouble is not None and any(not one.is_stopped for one in mine):
                yield Checked(part, State.UNKNOWN, f"Whether one runs is not known. {UNKNOWN}")
                continue
            yield failed(part, code, f"None is running: the last one was seen at {last:%Y-%m-%d %H:%M:%S} UTC.")
        else:
            yield failed(part, code, "None was ever seen.")


def off_limits(db: Database) -> Iterator[Checked]:
    """What the workers find with the settings they run with: those of this shell may be others, and be in order."""
    with db.read() as tx:
        found = [one for one in stuck.read(tx) if one.reason is Reason.OFF_LIMITS]
    for one in found:
        yield warned("outgoing", "SYN-CONFIG", f"{stuck.what(one)} {stuck.remedy(one)}", one.account)


def secrets(db: Database, vault: Vault) -> Iterator[Checked]:
    with db.read() as tx:
        accounts = set(integrations.all_of(tx))
        kept = [value for place in sealed.places() for value in sealed.values(tx, place)]
    wrong = 0
    for one in kept:
        try:
            vault.unseal(one.purpose, one.sealed)
        except Misconfigured as error:
            wrong += 1
            of = one.purpose.partition(":")[2]
            yield failed("secrets", "SYN-SECRETS", str(error), of if of in accounts else "")
    if not wrong:
        yield fine("secrets", f"{len(kept)} sealed, and each can be opened.")
