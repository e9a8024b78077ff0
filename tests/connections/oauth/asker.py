"""A process of its own that uses an account connected by OAuth as soon as a line comes in; told by its environment where that is."""

from __future__ import annotations

import os
import sys

from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.connections.vault import Vault
from syncd.store import integrations
from syncd.store.database import Database
from syncd.systems.trip import Trip
from tests.parts.loopback import LOOPBACK


def main() -> None:
    clock = Clock()
    db = Database(os.environ["ASKER_DATABASE"], clock)
    connections = Connections(db, Vault(os.environ["ASKER_KEYS"]), clock, outgoing=LOOPBACK)
    with db.read() as tx:
        account = integrations.get(tx, "acme")
    if account is None:
        sys.exit("there is no account")
    system = connections.system(account)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    system.check(Trip.begin("t", clock.monotonic))
    db.close()


if __name__ == "__main__":
    main()
