"""What could not be read or computed, as a value: it is never taken for "none", and never for "covered"."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unknown:
    of: str  # the id of the schedule or policy; "" where not even that could be read
    sentence: str  # for people: the cause, and what helps where something does
    path: str = ""  # where in the answer of the API it stands, if it stands there
