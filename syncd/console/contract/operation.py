"""One route of /v1 as it is declared: what it reads, what it answers, and with which problems it may refuse.

The gate reads requests by it, and the document is written from it, so that the two cannot part. Who may use it stands in the table of
permits, which is to be read as one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from syncd.console.bodies import Body
from syncd.console.permits import API, Permit, Place

_NAMED = re.compile(r"\{(\w+)(?::(\w+))?\}")

#: Of every route: who asks, what it asks for, and what can happen to us meanwhile.
_ALWAYS = frozenset({401, 403, 422, 500, 503})
_OF_WRITES = frozenset({400, 404, 408, 409, 413, 415, 507})  # 404: their bodies name things too
_OF_FAR_SIDES = frozenset({502, 504})


class Answer(BaseModel):
    """What a route answers with. Every field is there, unless it has a default; clients pass over those they do not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Body):
    """What takes no parameters refuses those that are sent: they are a typing mistake."""


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str
    summary: str
    answers: Mapping[int, type[Answer]]
    body: type[Body] | None = None
    query: type[Body] = Nothing
    is_queried: bool = False  # its parameters are also terms of a query, as docs/query.md has them
    files: tuple[str, ...] = ()  # the media types of what it answers instead of JSON
    asks_far_side: bool = False  # PagerDuty or a case system is asked for it, which may refuse or be away
    keeps_own_key: bool = False  # an Idempotency-Key is stored with what it makes, and never forgotten
    makes_anew: bool = False  # each time it is asked for, so that it takes no Idempotency-Key
    answers_secret: bool = False  # in the one answer that has it
    takes_out: bool = False  # so much that who took it is kept: it is a row of the action log, which its handler begins
    says: str = ""  # what a summary has no room for
    headers: Mapping[str, str] = field(
        default_factory=dict
    )  # of an answer that is a file: their names, and what each says
    problems: frozenset[int] = field(default_factory=frozenset)  # beside those that follow from the rest

    @property
    def place(self) -> Place:
        return self.method, self.path

    @property
    def permit(self) -> Permit:
        return API[self.place]

    @property
    def is_write(self) -> bool:
        return self.method != "GET"

    @property
    def address(self) -> str:
        """Without how its parameters are read."""
        return _NAMED.sub(r"{\1}", self.path)

    @property
    def noun(self) -> str:
        return self.path.split("/")[2]

    @property
    def name(self) -> str:
        words = re.findall(r"\w+", self.address.removeprefix("/v1"))
        return "_".join([self.method.lower(), *words])

    @property
    def named(self) -> list[tuple[str, str]]:
        """What its address names, and how that is read: as it stands, or as a number."""
        return [(name, kind or "") for name, kind in _NAMED.findall(self.path)]

    @property
    def refusals(self) -> list[int]:
        found = _ALWAYS | self.problems | (_OF_WRITES if self.is_write else frozenset())
        found |= {404} if self.named else frozenset()
        return sorted(found | (_OF_FAR_SIDES if self.asks_far_side else frozenset()))
