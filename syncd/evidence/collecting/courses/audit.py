"""The course of the audit trail: who changed what over there, by cursors, a month at a time at most."""

from __future__ import annotations

from datetime import timedelta

from syncd.evidence.facts.audit import AuditRecord, audit_record_of
from syncd.evidence.facts.dataset import Lack, Missing
from syncd.evidence.facts.reading import Unexpected, mapping, text
from syncd.evidence.spans import Span

from .paging import LIMIT
from .refusals import refused
from .request import Course, Gathered, Page, Request
from .windows import chunks, told

LONGEST = timedelta(days=31)
KEPT = timedelta(days=365)  # PagerDuty keeps it for a year


def audit(span: Span) -> Course[Gathered[AuditRecord]]:
    rows, missing = dict[str, AuditRecord](), dict[str, Missing]()
    for part in chunks(span, LONGEST):
        request = Request(
            "/audit/records", (("since", told(part.start)), ("until", told(part.end)), ("limit", str(LIMIT)))
        )
        cursor, before = "", set[str]()
        while True:
            page = yield request.besides(cursor=cursor) if cursor else request
            why = refused(page) or _taken(page, rows, missing)
            if why is not None:
                return Gathered(tuple(rows.values()), (why, *missing.values()))
            following = page.body.get("next_cursor")
            if not isinstance(following, str) or not following:
                break
            if following in before:
                why = Missing(Lack.UNREADABLE, needs="/audit/records goes round in a circle")
                return Gathered(tuple(rows.values()), (why, *missing.values()))
            before.add(following)
            cursor = following
    return Gathered(tuple(rows.values()), tuple(missing.values()), () if missing else (span,))


def _taken(page: Page, rows: dict[str, AuditRecord], missing: dict[str, Missing]) -> Missing | None:
    records = page.body.get("records")
    if not isinstance(records, list):
        return Missing(Lack.UNREADABLE, needs="/audit/records: records is no list")
    for at, one in enumerate(records):
        key = f"records[{at}]"
        try:
            record = mapping(one, key)
            key = text(record, "id")
            rows[key] = audit_record_of(record)
        except Unexpected as fault:
            missing[key] = Missing(Lack.UNREADABLE, key, str(fault))
    return None
