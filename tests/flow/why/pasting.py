"""What an answer tells a person to do, done: its command pasted into a shell of the machine that runs it."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from syncd.cli.main import run
from tests.connections.site import PUBLIC
from tests.flow.why.whole import Whole
from tests.parts.loopback import OPENED

#: Where the clock of a world stands that commands are pasted into: they have that of the machine, and come after all that was done.
BEGINS = timedelta(hours=3)
_A_MOMENT = 0.02  # real seconds between two looks for hooks


class Shell:
    def __init__(self, whole: Whole, patch: pytest.MonkeyPatch, home: str) -> None:
        self._whole, self._patch = whole, patch
        settings = {
            "HOME": home,
            "DATABASE_URL": whole.site.db.url.render_as_string(hide_password=False),
            "MASTER_KEYS": whole.key,
            "OUTGOING_ALLOW": OPENED,
            "PUBLIC_URL": PUBLIC,
        }
        for name, value in settings.items():
            patch.setenv(f"SYNCD_{name}", value)

    def paste(self, command: str, *, secret: str = "") -> int:
        """Its exit code; afterwards it is as late in the world as it is here."""
        program, *words = shlex.split(command)
        assert program == "syncd", command
        with self._patch.context() as patch, _hooks_come(self._whole):
            if secret:
                patch.setenv("SYNCD_SECRET", secret)
            code = _left(words)
        clock = self._whole.site.clock
        clock.forward(max(datetime.now(UTC) - clock.now(), timedelta(seconds=1)))
        return code


@contextmanager
def _hooks_come(whole: Whole) -> Iterator[None]:
    """A command may wait for one."""
    is_over = threading.Event()

    def carry() -> None:
        while not is_over.wait(_A_MOMENT):
            whole.site.carry()

    carrier = threading.Thread(target=carry)
    carrier.start()
    try:
        yield
    finally:
        is_over.set()
        carrier.join()


def _left(words: list[str]) -> int:
    try:
        run(words)
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else int(left.code is not None)
    return 0
