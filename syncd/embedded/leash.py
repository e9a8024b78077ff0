"""Becomes another program that dies with its parent. A script run by its path before each child, never imported for its main.

It stands between fork and exec in place of subprocess's preexec_fn, which is unsafe beside threads: the program keeps our
process id, its group and its pipes.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(parent: int, death_signal: int, user: int, argv: list[str]) -> None:
    if user != os.geteuid():
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    # After the change of user, because that change forgets the death signal. From here on nothing may be imported:
    # the new user need not be able to read Python's own files.
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0) != 0:
        sys.exit(f"{argv[0]} was not started: the system refused to tie it to its parent (errno {ctypes.get_errno()}).")
    # A parent that died before the call above sends no signal any more.
    if os.getppid() != parent:
        sys.exit(f"{argv[0]} was not started: its parent ended while it was starting.")
    try:
        os.execv(argv[0], argv)  # noqa: S606  A shell between us and the part would swallow its signals.
    except OSError as error:
        sys.exit(f"{argv[0]} was not started: {error.strerror}.")


if __name__ == "__main__":
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        # Python only notes a signal and acts on it a little later: what came just before the exec would be lost. What comes while
        # Python itself starts may still be, so that whoever stops a part by SIGINT says it again.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
