"""What must not be kept in rows and logs, for whoever masks it: what looks like a credential, and e-mail addresses."""

from __future__ import annotations

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


def last_four(secret: str) -> str:
    """All that is ever shown of a secret: enough to tell two apart. Of a short one nothing, for that would be much of it."""
    return f"…{secret[-_SHOWN:]}" if len(secret) >= 4 * _SHOWN else "…"
