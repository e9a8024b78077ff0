"""What people paste: trimmed, and told apart from what was meant for another place."""

from __future__ import annotations

import unicodedata

from syncd.credential import looks_like_a_key
from syncd.errors import Misconfigured

_UNSEEN = {"Cf", "Cc"}  # categories of Unicode
_REST_KEY_LENGTH, _EVENTS_KEY_LENGTH = 20, 32
_SHORTEST_SECRET = 16  # PagerDuty's have 64 characters; a shorter one than this was cut off, or can be guessed


#: What nobody sees and copies all the same: white space, whatever has no width (a byte order mark among it), and quotes around it all.
_AROUND = "\"'`\u2018\u2019\u201c\u201d"


def _bare(pasted: str) -> str:
    """No key has any of it, so that whoever pasted it has to look for nothing."""
    return "".join(one for one in pasted if unicodedata.category(one) not in _UNSEEN).strip().strip(_AROUND).strip()


def rest_key(pasted: str) -> str:
    key = _bare(_bare(pasted).removeprefix("Token token="))
    if not key:
        raise Misconfigured("The API key is empty; make one in PagerDuty under Integrations, API Access Keys.")
    if len(key) == _EVENTS_KEY_LENGTH and key.isalnum():
        raise Misconfigured(
            f"This is {_EVENTS_KEY_LENGTH} characters long, as an Events integration key is, which belongs to `syncd connectors add NAME "
            f"--path service_key`; a REST API key has {_REST_KEY_LENGTH}."
        )
    return key


def integration_key(pasted: str) -> str:
    """Of a service, for the Events API."""
    key = _bare(pasted)
    if not key:
        raise Misconfigured(
            "The service key is empty; PagerDuty shows it at the service under Integrations, Events API v2."
        )
    if len(key.removeprefix("Token token=").strip()) == _REST_KEY_LENGTH:
        raise Misconfigured(
            f"This is {_REST_KEY_LENGTH} characters long, as a REST API key is, which belongs to `syncd integrations add`; "
            f"the integration key of a service has {_EVENTS_KEY_LENGTH}."
        )
    if len(key) != _EVENTS_KEY_LENGTH or not (key.isascii() and key.isalnum()):
        raise Misconfigured(
            f"The integration key of a service has {_EVENTS_KEY_LENGTH} letters and digits, and this is none; copy it whole "
            "from the service's Events API v2 integration."
        )
    return key


def token(pasted: str) -> str:
    found = _bare(pasted)
    if not found:
        raise Misconfigured("The API token is empty; give the one that the case system made for syncd.")
    return found


def hook_secret(pasted: str) -> str:
    secret = _bare(pasted)
    if not secret:
        raise Misconfigured("The webhook secret is empty; paste the one the other side showed when it was made.")
    if len(secret) < _SHORTEST_SECRET:
        raise Misconfigured(
            f"The webhook secret is shorter than {_SHORTEST_SECRET} characters, so it was cut off or made up; paste the "
            "whole one the other side showed when it was made."
        )
    return secret


def refuse_misplaced(secret: str, **typed: str) -> None:
    """A key that was typed in place of something else, before any sentence or row repeats it."""
    for field, value in typed.items():
        if looks_like_a_key(value) or (secret.strip() and value.strip() == secret.strip()):
            raise Misconfigured(
                f"What was typed as the {field.replace('_', ' ')} looks like a key, so nothing of it was kept; type keys only where they "
                "are asked for, or give them by SYNCD_SECRET, and replace this one if others could see it."
            )
