"""A licence, as `GET /licenses` gives it, and who holds one, as `GET /license_allocations` does."""

from __future__ import annotations

from dataclasses import dataclass

from .reading import Json, mapping, text, text_or, whole


@dataclass(frozen=True, slots=True)
class Licence:
    id: str
    name: str
    held: int | None = None  # how many are; None: not said
    free: int | None = None


@dataclass(frozen=True, slots=True)
class Allocation:
    id: str  # the user's
    licence: str


def licence_of(given: Json) -> Licence:
    held, free = (
        whole(given, key) if given.get(key) is not None else None for key in ("current_value", "allocations_available")
    )
    return Licence(text(given, "id"), text_or(given, "name", text_or(given, "summary", text(given, "id"))), held, free)


def allocation_of(given: Json) -> Allocation:
    user, licence = (text(mapping(given.get(key), key), "id") for key in ("user", "license"))
    return Allocation(user, licence)
