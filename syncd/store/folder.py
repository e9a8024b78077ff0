"""The folder of the master key and of an embedded database: its owner's alone, whatever the caller's umask is."""

from __future__ import annotations

import stat
from pathlib import Path

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def make_home(path: Path) -> None:
    """One that is there stays as it is: its rights are somebody's choice, and `others_may_write` tells of them."""
    missing = [one for one in (path, *path.parents) if not one.exists()]
    for one in reversed(missing):  # Those above as well: mkdir makes them by the umask alone.
        one.mkdir(mode=0o700, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)  # Where it is no folder, this says so.


def others_may_write(path: Path) -> str:
    """In a sentence, where that is so: whoever may write there can put other keys, or another database, in place of ours."""
    try:
        rights = path.stat().st_mode
    except OSError:  # It is not there yet, or told of elsewhere.
        return ""
    if not rights & _OTHERS_WRITE:
        return ""
    return (
        f"{path} may be written to by others than its owner ({stat.S_IMODE(rights):04o}), who can put another master.key there; "
        f"run `chmod go-w {path}`."
    )
