"""What stands in a bundle: each file's name, and its bytes piece by piece, in the order in which they are written."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from hashlib import sha256
from itertools import chain, groupby

from syncd.evidence.facts.account import Facts
from syncd.evidence.findings.catalogue import CATALOGUE
from syncd.evidence.pseudonyms import Pseudonyms
from syncd.evidence.report.html import page
from syncd.evidence.report.plain import Plain, canonical
from syncd.evidence.report.tables import csv_lines, ndjson_lines, tables
from syncd.store.evidence.pages import RawPage

from .rows import tables_of

RAW = "raw/"  # a folder: what stands in it is answers, one on each line
REPORT, REPORT_PAGE = "report.json", "report.html"
_AT_MOST = 512 * 1024 * 1024  # bytes of one file of pages; the next ones go into another
_AT_ONCE = 64 * 1024

File = tuple[str, Iterable[bytes]]
README = """\
What this is
  The answer to "is the incident response programme ready, and can it be proven" for one PagerDuty account and one time.
  report.html      to be read and printed; report.json has the same, and more
  rows/            tables that the report was computed from, and its own; CSV for spreadsheets, NDJSON for programs
  raw/             PagerDuty's answers as they were kept, one on each line, with request, time, status and request id
  catalogue.json   the checks, and the controls of SOC 2, ISO/IEC 27001:2022 and NIST SP 800-53 that each is evidence for
  rules.json       what was judged by, as it was then
  manifest.json    SHA-256 and size of every file, who asked, when, for which time, and the digest of the manifest before
  manifest.sig     Ed25519 over the bytes of manifest.json

How it is verified
  syncd evidence verify BUNDLE --key KEY.pem        names what was changed; needs neither a network nor a database
  The key, or its fingerprint, has to come from whoever made the bundle, by another way than this file.
  Without syncd:
  openssl pkeyutl -verify -rawin -pubin -inkey KEY.pem -in manifest.json -sigfile manifest.sig
  and sha256sum of each file, compared with manifest.json
"""


def files(facts: Facts, report: Plain, pages: Iterator[RawPage], names: Pseudonyms | None) -> Iterator[File]:
    """In the order of their names; of pages, in that in which they come."""
    catalogue = canonical([{**_shown(asdict(one)), "needs": sorted(one.needs)} for one in CATALOGUE], indent=1)
    yield "catalogue.json", (catalogue,)
    yield from _raw(pages, names)
    yield "readme.txt", (README.encode(),)
    yield REPORT_PAGE, (page(report).encode(),)
    yield REPORT, (canonical(report),)
    both = {one.name: one for one in (*tables_of(facts), *tables(report))}
    for name in sorted(both):
        yield f"rows/{name}.csv", _packed(csv_lines(both[name]))
        yield f"rows/{name}.ndjson", _packed(ndjson_lines(both[name]))
    yield "rules.json", (canonical(report["rules"], indent=1),)


def _shown(check: Mapping[str, object]) -> Mapping[str, object]:
    """Functions say nothing to a reader."""
    return {name: value for name, value in check.items() if name not in {"ask", "stated"}}


def _packed(lines: Iterable[str]) -> Iterator[bytes]:
    """Not a write for each line."""
    held: list[str] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size >= _AT_ONCE:
            yield "".join(held).encode()
            held, size = [], 0
    yield "".join(held).encode()


def _raw(pages: Iterator[RawPage], names: Pseudonyms | None) -> Iterator[File]:
    """A file for each dataset, or several of a bounded size."""
    numbers: Counter[str] = Counter()
    for dataset, some in groupby(pages, key=lambda one: one.dataset):
        rest: Iterator[RawPage] = some
        while (found := next(rest, None)) is not None:
            numbers[dataset] += 1
            yield f"{RAW}{dataset}-{numbers[dataset]:04}.ndjson", _lines(chain((found,), rest), names)


def _lines(pages: Iterator[RawPage], names: Pseudonyms | None) -> Iterator[bytes]:
    """Up to a file's fill; whoever goes on takes the next one from where this has stopped."""
    size = 0
    for one in pages:
        line = _line(one, names)
        size += len(line)
        yield line
        if size >= _AT_MOST:
            return


def _line(one: RawPage, names: Pseudonyms | None) -> bytes:
    """The body as a text, so that its own digest can be computed. Of one without names it is the digest of that."""
    body = one.body if names is None else names.page(one.body)
    said = {
        "dataset": one.dataset,
        "request": one.request if names is None else names.text(one.request),
        "asked_at": one.asked_at.isoformat(timespec="milliseconds"),
        "status": one.status,
        "request_id": one.request_id,
        "sha256": one.sha256 if names is None else sha256(body).hexdigest(),
        "body": body.decode("utf-8", "backslashreplace"),
    }
    return (json.dumps(said) + "\n").encode("ascii")
