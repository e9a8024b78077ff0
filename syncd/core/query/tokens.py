"""The signs of a query: where a term begins, how it is negated, which pieces its values are of. What they mean is not known here."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .fault import QueryError

_FIELD = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(!=|>=|<=|[:=<>])")
_COMPARES = re.compile(r">=|<=|[<>]")
_BARE = re.compile(r'[^\s,"*]+')
_WORDS = re.compile(r'[^\s,"*]+(?:\s+[^\s,"*]+)*')  # in an address, where each field has a parameter of its own
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MEANS_MORE = re.compile(r"[:=<>!]")
_BRACKET = re.compile(r"[()]")
CONJUNCTIONS = frozenset({"OR", "AND", "NOT"})  # in other languages; here nothing but a slip, unless quoted
_INSTEAD = {
    "OR": "use a comma between the values of one field: outcome:failed,held",
    "AND": "leave it out: all terms must hold",
    "NOT": "use a - before the term: -reason:echo",
}


@dataclass(frozen=True, slots=True)
class Raw:
    """One value: its pieces with a * between each, and the sign of comparison before it."""

    pieces: tuple[str, ...]
    compares: str
    is_quoted: bool
    position: int

    @property
    def text(self) -> str:
        return "*".join(self.pieces)


class Tokens:
    def __init__(self, text: str, where: str = "") -> None:
        """`where` is the parameter of an address that this is the value of; words in it may have spaces between them."""
        self.text = text
        self.where = where
        self.at = 0

    def wrong(self, what: str, position: int | None = None) -> QueryError:
        return QueryError(what, self.at if position is None else position, self.where)

    @property
    def is_over(self) -> bool:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.at == len(self.text)

    def takes(self, sign: str) -> bool:
        if self.text.startswith(sign, self.at):
            self.at += len(sign)
            return True
        return False

    def field(self) -> tuple[str, str] | None:
        """Its name and the sign behind it; None: these are words without a field."""
        found = _FIELD.match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return found[1].lower(), found[2]

    def values(self, compares: str = "") -> list[Raw]:
        found = [self._value(compares)]
        while self._comma():
            found.append(self._value(""))
        return found

    def words(self) -> list[Raw]:
        """Words without a field. A sign in them that means more elsewhere is a slip, unless it is quoted."""
        begins = self.at
        found = self.values()
        loose = _QUOTED.sub(lambda one: " " * len(one[0]), self.text[begins : self.at])
        for one in found:
            if one.pieces in {(word,) for word in CONJUNCTIONS} and not one.is_quoted:
                raise self.wrong(
                    f"there is no {one.text} here; {_INSTEAD[one.text]}, or put it in quotes to look for it",
                    one.position,
                )
        if sign := _MEANS_MORE.search(loose):
            raise self.wrong(
                f"{sign[0]!r} does not stand behind the name of a field; put the words in quotes to look for it",
                begins + sign.start(),
            )
        return found

    def _comma(self) -> bool:
        if self.where:
            _ = self.is_over
        return self.takes(",")

    def _value(self, compares: str) -> Raw:
        if self.where:
            _ = self.is_over
        begins = self.at
        if not compares and (sign := _COMPARES.match(self.text, self.at)):
            compares, self.at = sign[0], sign.end()
        pieces, is_quoted, starts = [""], False, self.at
        while self.at < len(self.text):
            if self.takes("*"):
                pieces.append("")
            elif self.text[self.at] == '"':
                pieces[-1] += self._quoted()
                is_quoted = True
            elif bare := (_WORDS if self.where else _BARE).match(self.text, self.at):
                self._refuse_brackets(bare)
                pieces[-1] += bare[0]
                self.at = bare.end()
            else:
                break
        if self.at == starts:
            raise self.wrong("a value is missing here")
        first, *others = pieces
        inner = [one for one in others[:-1] if one]
        return Raw((first, *inner, *others[-1:]), compares, is_quoted, begins)

    def _refuse_brackets(self, bare: re.Match[str]) -> None:
        """A parameter of an address is all one field's, so that nobody groups there."""
        found = None if self.where else _BRACKET.search(bare[0])
        if found is not None:
            raise self.wrong(
                "there are no brackets here; use a comma between the values of one field: outcome:failed,held, or put the "
                "words in quotes to look for them",
                bare.start() + found.start(),
            )

    def _quoted(self) -> str:
        found = _QUOTED.match(self.text, self.at)
        if found is None:
            raise self.wrong('the quote that begins here does not end; close it with "')
        self.at = found.end()
        return _ESCAPED.sub(r"\1", found[1])
