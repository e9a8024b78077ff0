"""The organisation's own list of people: a CSV file with their addresses, of which digests are kept."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from syncd.evidence.facts.dataset import Lack, Missing
from syncd.evidence.facts.users import Person

from .courses.cleaning import Digest
from .courses.request import Course, Gathered, Request

SCHEME = "file:"
_PEOPLE = "people"
#: By which a file says how it is written; UTF-32 first, since it begins as UTF-16 does. Excel's "Unicode Text" is UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
_MOST = 16 * 1024 * 1024
_HEADINGS = ("email", "e-mail", "mail", "address", "login", "upn", "userprincipalname", "user principal name")


def people(file: str) -> Course[Gathered[Person]]:
    """Asked for as if it were a list somewhere else, so that what it said is kept like any other answer."""
    page = yield Request(f"{SCHEME}{Path(file).name}")
    said = page.body.get(_PEOPLE)
    if not page.is_given or not isinstance(said, list):
        why = page.body.get("error")
        return Gathered(missing=(Missing(Lack.NOT_GIVEN, needs=str(why or "the list cannot be read")),))
    return Gathered(tuple(Person(one) for one in said if isinstance(one, str)))


def read(file: str, digest: Digest) -> tuple[int, dict[str, object]]:
    """As an answer: its status, and what it says."""
    name = Path(file).name
    if not name:
        return 404, {"error": "evidence_roster names no file any more"}
    try:
        with Path(file).open("rb") as opened:
            raw = opened.read(_MOST + 1)
    except (OSError, ValueError) as error:
        return 404, {"error": f"{name} cannot be read: {getattr(error, 'strerror', None) or error}"}
    if len(raw) > _MOST:
        return 413, {"error": f"{name} is larger than 16 MiB"}
    text = _decoded(raw)
    if text is None:
        return 422, {"error": f"{name} is not UTF-8; save it as CSV UTF-8"}
    try:
        found = sorted({digest(one) for one in _addresses(text)})
    except csv.Error as fault:
        return 422, {"error": f"{name} is no CSV that can be read: {fault}; save it as CSV UTF-8"}
    if not found:
        return 422, {"error": f"{name} has no column of e-mail addresses"}
    return 200, {_PEOPLE: found}


def _decoded(raw: bytes) -> str | None:
    """None: it is not what it begins as. A NUL stands in no list of people, but in every UTF-16 that does not say that it is one."""
    encoding = next((name for mark, name in _MARKS if raw.startswith(mark)), "utf-8")
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _addresses(text: str) -> Iterator[str]:
    """Of the column that is headed so, or the first that has one."""
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(text[:4096], ",;\t")
    except csv.Error:
        dialect = csv.excel
    rows = [row for row in csv.reader(StringIO(text, newline=""), dialect) if any(map(str.strip, row))]
    if not rows:
        return
    named = [place for place, name in enumerate(rows[0]) if name.strip().casefold() in _HEADINGS]
    places = [place for row in rows for place, cell in enumerate(row) if "@" in cell]
    if not (named or places):
        return
    chosen = named[0] if named else places[0]
    yield from (row[chosen].strip() for row in rows if len(row) > chosen and "@" in row[chosen])
