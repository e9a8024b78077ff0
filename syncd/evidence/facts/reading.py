"""Reading the API's JSON: a shape that is not the one expected says where, and never becomes "none"."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from .dataset import Lack, Missing

Json = Mapping[str, object]
_Value = TypeVar("_Value")


class Unexpected(Exception):
    """Where in a record something is of another shape than it should be."""

    def __init__(self, path: str, wanted: str) -> None:
        super().__init__(f"{path} is no {wanted}")


def read_all(
    records: Iterable[object], read: Callable[[Json], _Value]
) -> tuple[tuple[_Value, ...], tuple[Missing, ...]]:
    """What can be read of a page, and of the rest which record it is and where it breaks."""
    rows: list[_Value] = []
    missing: list[Missing] = []
    for at, one in enumerate(records):
        try:
            rows.append(read(mapping(one, f"[{at}]")))
        except Unexpected as fault:
            given = one.get("id") if isinstance(one, Mapping) else None
            part = given if isinstance(given, str) else ""
            missing.append(Missing(Lack.UNREADABLE, part, str(fault)))
    return tuple(rows), tuple(missing)


def mapping(value: object, path: str) -> Json:
    if not isinstance(value, Mapping):
        raise Unexpected(path, "object")
    return value


def text(given: Json, key: str) -> str:
    found = given.get(key)
    if not isinstance(found, str) or not found:
        raise Unexpected(key, "text")
    return found


def text_or(given: Json, key: str, otherwise: str = "") -> str:
    return otherwise if given.get(key) in (None, "") else text(given, key)


def whole(given: Json, key: str) -> int:
    found = given.get(key)
    if not isinstance(found, int) or isinstance(found, bool):
        raise Unexpected(key, "whole number")
    return found


def moment(given: Json, key: str) -> datetime:
    try:
        found = datetime.fromisoformat(text(given, key))
    except ValueError:
        raise Unexpected(key, "time") from None
    if found.tzinfo is None:
        raise Unexpected(key, "time with a zone")
    return found.astimezone(UTC)


def moment_or_none(given: Json, key: str) -> datetime | None:
    return None if given.get(key) is None else moment(given, key)


def texts(given: Json, key: str) -> tuple[str, ...]:
    found = given.get(key)
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise Unexpected(key, "list of texts")
    return tuple(found)


def objects(given: Json, key: str) -> tuple[Json, ...] | None:
    """None: the answer does not have it, so that nothing is known of it."""
    if given.get(key) is None:
        return None
    found = given[key]
    if not isinstance(found, list):
        raise Unexpected(key, "list")
    return tuple(mapping(one, f"{key}[{at}]") for at, one in enumerate(found))


def ids(given: Json, key: str) -> tuple[str, ...] | None:
    """Of a list of references; one without an id is one of a record that was deleted, and counts for none."""
    found = objects(given, key)
    return None if found is None else tuple(text(one, "id") for one in found if one.get("id") is not None)


def reference(given: Json, key: str) -> str | None:
    """The id; empty: there is none, or what it was is deleted; None: the answer does not say."""
    if key not in given:
        return None
    found = given[key]
    return "" if found is None else text_or(mapping(found, key), "id")


def kind(given: Json, ending: str = "") -> str:
    """The type of a record or a reference to one: "phone" of `phone_contact_method_reference`."""
    return text(given, "type").removesuffix("_reference").removesuffix(ending)
