"""Telling a credential from a word of English, for whoever masks what stands after "Bearer" or "Basic" in a sentence."""

from __future__ import annotations

_LETTERS = r"(?:[A-Za-z]?[a-z]+|[A-Z]+)"
_END = r"""(?=[\s"'&,;<>]|$)"""
#: Letters in one case but perhaps the first, shorter than tokens are; or signs alone. Parts of one may be joined.
A_WORD = rf"""(?-i:(?!\S{{20}})(?:[(\[<{{]*{_LETTERS}(?:[-/']{_LETTERS})*[.:!?)\]>}}]*|[^\w\s"'&,;<>]+){_END})"""
