"""A long query in the path of its page, so that what leads on from there can be relative: it is not repeated in every row and bar."""

from __future__ import annotations

import base64

from syncd.errors import NotFound

SHORT = 64  # characters that an address is given anew with each link
UNDER = "/deliveries/of"


def is_long(line: str) -> bool:
    return len(line) > SHORT


def place(line: str) -> str:
    """Packed, since not everything on the way to us leaves signs of a path alone."""
    return f"{UNDER}/{base64.urlsafe_b64encode(line.encode()).decode().rstrip('=')}"


def line_of(packed: str) -> str:
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True).decode()
    except ValueError:  # No base64, no ASCII, or no text in it.
        raise NotFound("This address names no query; the page of deliveries takes one.") from None
