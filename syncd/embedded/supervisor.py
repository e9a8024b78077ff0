"""One parent for all parts: starts them in order, passes on what they say, restarts what ends by itself, stops them in order."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType

from syncd.embedded.child import Child
from syncd.embedded.orphans import Family, inheriting
from syncd.embedded.part import Part
from syncd.embedded.process import tell
from syncd.errors import PartFailed

Say = Callable[[str, str], None]  # a part's name and one line; our own lines come under OURSELVES

OURSELVES = "syncd"

_ASK_EVERY = 0.05  # how often a part is asked whether it is ready
_PATIENT_SIGNALS = (signal.SIGINT, signal.SIGTERM)  # once: orderly; twice: at once
_HANG_UP = signal.SIGHUP  # A closing terminal may send several: never taken for impatience.


class Supervisor:
    """Runs in the main thread, to which the system ties both signals and the children's death signal."""

    def __init__(
        self,
        parts: Sequence[Part],
        *,
        stop_order: Sequence[Sequence[str]] | None = None,  # groups of names; by default each alone, last started first
        say: Say | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._children = {part.name: Child(part) for part in parts}
        self._order = _checked_order(parts, stop_order)
        self._width = max(len(name) for name in (OURSELVES, *self._children))
        self._say_to = say or self._print
        self._now = monotonic
        self._selector: selectors.BaseSelector
        self._asked = 0  # how often somebody asked us to stop
        self._why = signal.SIGTERM
        self._is_stopping = False
        self._wake: socket.socket | None = None
        self._family = Family()

    def run(self, on_ready: Callable[[], None] | None = None) -> signal.Signals:
        """Returns when everything has stopped; answers the signal that asked for it. PartFailed when a part never became ready."""
        if threading.current_thread() is not threading.main_thread():
            raise PartFailed("The supervisor must run in the main thread, because signals only reach that one.")
        with self._watching():
            try:
                self._start_all()
                if on_ready is not None and not self._asked:
                    on_ready()
                self._watch()
            finally:
                self._stop_all()
        return self._why

    def ask_stop(self) -> None:
        """As one Ctrl-C would, from any thread."""
        self._asked += 1
        if self._wake is not None:
            self._wake.send(b"\0")

    @property
    def is_asked(self) -> bool:
        """To stop; from then on parts go away, which is nobody's fault."""
        return self._asked > 0

    def finish(self) -> None:
        """There is nothing left to run for: stop in order, from any thread. Whoever has asked already is not asked again."""
        with suppress(OSError):  # It has just stopped.
            if not self.is_asked:
                self.ask_stop()

    def pids(self) -> Mapping[str, int]:
        """Each running part's process, which leads its group."""
        return {name: child.process.pid for name, child in self._children.items() if child.process is not None}

    # -- starting and watching

    def _start_all(self) -> None:
        for child in self._children.values():
            if self._asked:
                return
            self._start(child)
            self._await_ready(child)

    def _start(self, child: Child) -> None:
        output, end = child.start(self._now(), self._family.env)
        self._family.born(self.pids()[child.part.name])
        self._selector.register(output, selectors.EVENT_READ, (child, "output"))
        self._selector.register(end, selectors.EVENT_READ, (child, "end"))

    def _await_ready(self, child: Child) -> None:
        deadline = self._now() + child.part.ready_within
        while not child.is_ready and not self._asked:
            if child.process is None:
                raise PartFailed(
                    f"{child.part.name} ended while it was starting ({_ending(child)}){_last_words(child)}."
                )
            if self._now() > deadline:
                waited = f"{child.part.ready_within:g} s"
                raise PartFailed(f"{child.part.name} was not ready within {waited}{_last_words(child)}.")
            child.is_ready = child.part.ready is None or child.part.ready()
            if not child.is_ready:
                self._turn(_ASK_EVERY)
                self._start_what_is_due()

    def _watch(self) -> None:
        while not self._asked:
            due = [child.again_at for child in self._children.values() if child.again_at is not None]
            self._turn(max(0.0, min(due) - self._now()) if due else None)
            self._start_what_is_due()

    def _start_what_is_due(self) -> None:
        for child in self._children.values():
            if child.again_at is not None and child.again_at <= self._now() and not self._asked:
                self._start(child)

    # -- what happens meanwhile

    def _turn(self, seconds: float | None) -> None:
        """Wait for something to happen, and deal with all of it."""
        for key, _ in self._selector.select(seconds):
            if key.data is None:
                os.read(key.fd, 4096)
                continue
            child, what = key.data
            if child.process is None:  # Its end was dealt with a moment ago, in this very turn.
                continue
            if what == "output":
                self._pass_on(child, key.fd)
            else:
                self._ended(child)

    def _pass_on(self, child: Child, output: int) -> None:
        for line in child.lines():
            self._say(child.part.name, line)
        # At its end a pipe is readable for ever.
        if child.is_silent:
            self._selector.unregister(output)

    def _ended(self, child: Child) -> None:
        leader = self.pids()[child.part.name]
        self._forget(child)
        for line in child.bury(self._now()):
            self._say(child.part.name, line)
        self._family.buried(leader)
        self._family.reap()
        if self._is_stopping or not child.is_ready:
            return
        wait = child.wait_before_again()
        child.again_at = self._now() + wait
        self._say(OURSELVES, f"{child.part.name} ended by itself ({_ending(child)}); it starts again in {wait:g} s.")

    def _forget(self, child: Child) -> None:
        for key in [key for key in self._selector.get_map().values() if key.data is not None and key.data[0] is child]:
            self._selector.unregister(key.fileobj)

    # -- stopping

    def _stop_all(self) -> None:
        self._is_stopping = True
        for group in self._order:
            self._stop_group([self._children[name] for name in group])
        self._family.end()

    def _stop_group(self, group: Sequence[Child]) -> None:
        """Each takes its own steps, side by side."""
        steps = {child.part.name: iter(child.part.stop) for child in group}
        next_at = dict.fromkeys(steps, self._now())
        while running := [child for child in group if child.process is not None]:
            for child in running:
                if self._asked > 1:
                    self._ended(child)
                elif next_at[child.part.name] <= self._now():
                    next_at[child.part.name] = self._now() + self._take_step(child, steps[child.part.name])
            if any(child.process is not None for child in group):
                self._turn(max(0.0, min(next_at[child.part.name] for child in running) - self._now()))

    def _take_step(self, child: Child, steps: Iterator[tuple[signal.Signals, float]]) -> float:
        step = next(steps, None)
        if step is None:
            self._say(OURSELVES, f"{child.part.name} did not stop when it was told to; it is killed.")
            self._ended(child)
            return 0.0
        number, grace = step
        if child.process is not None:
            tell(child.process, number)
        return grace

    # -- around it all

    @contextmanager
    def _watching(self) -> Iterator[None]:
        with ExitStack() as stack:
            self._selector = stack.enter_context(selectors.DefaultSelector())
            stack.enter_context(inheriting())
            asleep, self._wake = (stack.enter_context(end) for end in socket.socketpair())
            self._wake.setblocking(False)
            self._selector.register(asleep, selectors.EVENT_READ, None)
            stack.callback(signal.set_wakeup_fd, signal.set_wakeup_fd(self._wake.fileno()))
            for number in (*_PATIENT_SIGNALS, _HANG_UP):
                stack.callback(signal.signal, number, signal.signal(number, self._on_signal) or signal.SIG_DFL)
            yield
        self._wake = None

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self._asked == 0:
            self._why = signal.Signals(number)
        self._asked = max(self._asked, 1) if number == _HANG_UP else self._asked + 1

    def _say(self, name: str, line: str) -> None:
        try:
            self._say_to(name, line)
        except OSError:
            # Whoever listened has gone (a closed terminal, `| head`): stop, and stop in order, without another word.
            self._say_to = _nobody
            self._asked = max(self._asked, 1)

    def _print(self, name: str, line: str) -> None:
        sys.stdout.write(f"{name:<{self._width}} | {line}\n")
        sys.stdout.flush()


def _nobody(_name: str, _line: str) -> None:
    pass


def _checked_order(parts: Sequence[Part], order: Sequence[Sequence[str]] | None) -> tuple[tuple[str, ...], ...]:
    names = [part.name for part in parts]
    if order is None:
        return tuple((name,) for name in reversed(names))
    if sorted(name for group in order for name in group) != sorted(set(names)) or len(set(names)) != len(names):
        raise PartFailed("The stop order must name each part once, and no two parts may share a name.")
    return tuple(tuple(group) for group in order)


def _ending(child: Child) -> str:
    status = child.status or 0
    return f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit {status}"


def _last_words(child: Child) -> str:
    return f"; its last words were: {' / '.join(child.last_words)}" if child.last_words else ""
