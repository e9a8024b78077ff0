"""What the parts say that nobody needs to hear: the farewells of Celery and Valkey, which begin each line anew."""

from __future__ import annotations

import re

_CHATTER = {
    # Printed past every logger, with an empty line before each.
    "worker": re.compile(
        r"worker: (?:Warm shutdown|Cold shutdown|Hitting Ctrl\+C again|Initiating Soft Shutdown)|Waiting gracefully"
    ),
    # Our Valkey never forks to save, and is told to stop by us.
    "valkey": re.compile(
        r"Memory overcommit must be enabled|Received SIGTERM scheduling shutdown|is now ready to exit"
    ),
}


def worth_saying(part: str, line: str) -> bool:
    chatter = _CHATTER.get(part)
    return bool(line.strip()) and not (chatter and chatter.search(line))
