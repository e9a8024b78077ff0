"""A broker that can be killed, emptied, frozen and started again, always at the same address."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack
from dataclasses import dataclass, field

from syncd.embedded.process import clear
from syncd.embedded.valkey import Valkey, command, started


@dataclass(slots=True)
class Broker:
    """One server that can be killed and started again, always at the same address."""

    valkey: Valkey
    _stack: ExitStack = field(default_factory=ExitStack)
    pid: int = 0

    def start(self) -> None:
        process = self._stack.enter_context(started(self.valkey))
        self.pid = process.pid
        self._stack.callback(clear, process)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self._stack.close()

    def freeze(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def close(self) -> None:
        self._stack.close()

    def empty(self) -> None:
        assert command(self.valkey, "FLUSHALL") == b"+OK\r\n"

    def is_empty(self) -> bool:
        return command(self.valkey, "DBSIZE") == b":0\r\n"
