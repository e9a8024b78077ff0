"""The key that an incident is opened under, by which it is found again, and known as one of ours."""

from __future__ import annotations

import hashlib
import json
import re
import secrets

from syncd.store.integrations import Integration

_OURS = re.compile(r"syncd-[0-9a-f]{24}")


def key_of(source: Integration, case_id: str) -> str:
    """A case that outlives our database finds its incident again after a restored backup; one of ours is lost with it, and another one that
    gets its number must not find that incident.
    """
    if not source.is_far or source.created_at is None:
        return f"syncd-{secrets.token_hex(12)}"
    made_of = (source.slug, source.created_at.isoformat(timespec="microseconds"), case_id)
    return f"syncd-{hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:24]}"


def is_ours(key: str) -> bool:
    """Of this syncd, or of another one that opens incidents in the same account."""
    return _OURS.fullmatch(key) is not None
