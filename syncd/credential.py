"""What must not be kept in rows and logs, for whoever masks it: what looks like a credential, and e-mail addresses."""

from __future__ import annotations

import re

_LETTERS = r"(?:[A-Za-z]?[a-z]+|[A-Z]+)"
_END = r"""(?=[\s"'&,;<>]|$)"""
#: What stands after "Bearer" or "Basic" in a sentence of English, and is no credential:
#: Letters in one case but perhaps the first, shorter than tokens are; or signs alone. Parts of one may be joined.
A_WORD = rf"""(?-i:(?!\S{{20}})(?:[(\[<{{]*{_LETTERS}(?:[-/']{_LETTERS})*[.:!?)\]>}}…]*|[^\w\s"'&,;<>]+){_END})"""
#: Bounded in every part, so that no text makes it slow.
EMAIL = r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"
#: How an API token of ours begins, so that people, scanners and our own redactors know one when they see it.
OUR_TOKEN = "syncd_pat_"  # noqa: S105  Its beginning, the same for all of them.
_SHOWN = 4
LIKE_A_KEY = "(what was typed looks like a key)"
#: As PagerDuty's look: `u+...` and `y_...`, twenty signs of which some are digits, or thirty-two letters and digits. Names and words are
#: shorter, or longer, or have hyphens; a part of an e-mail address or of a host is none.
_KEY = re.compile(
    r"""(?<![\w+@.-])
    (?: (?:pdus|pdeu)\+[\w+-]{8,} | [uyw][+_][\w+-]{14,30}
      | (?=[\w+]*[A-Za-z]) (?: (?=(?:[A-Za-z_+]*\d){4}) | (?=\w*[a-z]) (?=\w*[A-Z]) (?=\w*\d) ) [\w+]{20}
      | (?=[a-zA-Z]*\d) (?=\d*[a-zA-Z]) [A-Za-z0-9]{32} )
    (?![\w+-]|[.@]\w)""",
    re.ASCII | re.VERBOSE,
)
_AROUND = re.compile(r"^\w+://|/.*$", re.ASCII | re.DOTALL)


def last_four(secret: str) -> str:
    """All that is ever shown of a secret: enough to tell two apart. Of a short one nothing, for that would be much of it."""
    return f"…{secret[-_SHOWN:]}" if len(secret) >= 4 * _SHOWN else "…"


def looks_like_a_key(typed: str) -> bool:
    """All of it, but for what makes an address of it."""
    return _KEY.fullmatch(_AROUND.sub("", typed.strip())) is not None


def unkeyed(text: str) -> str:
    """What people typed into the wrong field is in sentences about that field, and in what they named; those are kept for good."""
    return _KEY.sub(LIKE_A_KEY, text)
