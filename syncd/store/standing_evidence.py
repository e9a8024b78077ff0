"""What was collected and judged stands: the database itself lets no page be changed, nor a collecting that has ended, nor what came of it.

Only an account that is removed leaves its name: what was collected of it is called otherwise from then on (`store/evidence/leaving.py`).
"""

from __future__ import annotations

import re

from sqlalchemy import DDL, event

from .tables_of_answers import evidence_results
from .tables_of_evidence import evidence_collections, evidence_incidents, evidence_pages

_PAGE = "a page of evidence is never changed"
_COLLECTING = "a collecting that has ended is never changed"
_INCIDENT = "what an incident was found to be is never changed"
_RESULT = "what became of a check is never changed"
_ENDED = (  # all but the account's name: one that is removed leaves it to another
    "id, dataset, due_at, asked_at, asked_by, since, state, next_at, lease_until, begun_at, ended_at, detail, tries, requests, pages, "
    "records, settings, covers, missing, sights"
)
_FOUND = "incident, collection, created_at, is_open, is_settled, stamp, log_stamp, log_until, found"
_JUDGED = "id, judged_at, check_id, result, judged, wrong, accepted, unread"
_HAS_ENDED = "(SELECT state FROM evidence_collections WHERE id = OLD.collection) = 'done'"


def _refuses(table: str, why: str) -> str:
    return (
        f"CREATE FUNCTION {table}_stand() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{why}'; END $$"
    )


_SQLITE = (
    f"CREATE TRIGGER evidence_pages_stand BEFORE UPDATE ON evidence_pages BEGIN SELECT RAISE(ABORT, '{_PAGE}'); END",
    f"CREATE TRIGGER evidence_pages_stay BEFORE DELETE ON evidence_pages BEGIN SELECT RAISE(ABORT, '{_PAGE}'); END",
    (
        f"CREATE TRIGGER evidence_collections_stand BEFORE UPDATE OF {_ENDED} ON evidence_collections WHEN OLD.state = 'done' "
        f"BEGIN SELECT RAISE(ABORT, '{_COLLECTING}'); END"
    ),
    (
        "CREATE TRIGGER evidence_collections_stay BEFORE DELETE ON evidence_collections WHEN OLD.state = 'done' "
        f"BEGIN SELECT RAISE(ABORT, '{_COLLECTING}'); END"
    ),
    (
        f"CREATE TRIGGER evidence_incidents_stand BEFORE UPDATE OF {_FOUND} ON evidence_incidents "
        f"BEGIN SELECT RAISE(ABORT, '{_INCIDENT}'); END"
    ),
    (
        "CREATE TRIGGER evidence_incidents_replaced_once BEFORE UPDATE OF replaced_by ON evidence_incidents "
        f"WHEN OLD.replaced_by IS NOT NULL BEGIN SELECT RAISE(ABORT, '{_INCIDENT}'); END"
    ),
    (
        f"CREATE TRIGGER evidence_incidents_stay BEFORE DELETE ON evidence_incidents WHEN {_HAS_ENDED} "
        f"BEGIN SELECT RAISE(ABORT, '{_INCIDENT}'); END"
    ),
    (
        f"CREATE TRIGGER evidence_results_stand BEFORE UPDATE OF {_JUDGED} ON evidence_results "
        f"BEGIN SELECT RAISE(ABORT, '{_RESULT}'); END"
    ),
    f"CREATE TRIGGER evidence_results_stay BEFORE DELETE ON evidence_results BEGIN SELECT RAISE(ABORT, '{_RESULT}'); END",
)
_POSTGRESQL = (
    _refuses("evidence_pages", _PAGE),
    (
        "CREATE TRIGGER evidence_pages_stand BEFORE UPDATE OR DELETE ON evidence_pages FOR EACH ROW "
        "EXECUTE FUNCTION evidence_pages_stand()"
    ),
    _refuses("evidence_collections", _COLLECTING),
    (
        f"CREATE TRIGGER evidence_collections_stand BEFORE DELETE OR UPDATE OF {_ENDED} ON evidence_collections FOR EACH ROW "
        "WHEN (OLD.state = 'done') EXECUTE FUNCTION evidence_collections_stand()"
    ),
    _refuses("evidence_incidents", _INCIDENT),
    (
        f"CREATE TRIGGER evidence_incidents_stand BEFORE UPDATE OF {_FOUND} ON evidence_incidents FOR EACH ROW "
        "EXECUTE FUNCTION evidence_incidents_stand()"
    ),
    (
        "CREATE TRIGGER evidence_incidents_replaced_once BEFORE UPDATE OF replaced_by ON evidence_incidents FOR EACH ROW "
        "WHEN (OLD.replaced_by IS NOT NULL) EXECUTE FUNCTION evidence_incidents_stand()"
    ),
    (
        "CREATE FUNCTION evidence_incidents_stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_HAS_ENDED} THEN RAISE EXCEPTION '{_INCIDENT}'; END IF; RETURN OLD; END $$"
    ),
    (
        "CREATE TRIGGER evidence_incidents_stay BEFORE DELETE ON evidence_incidents FOR EACH ROW "
        "EXECUTE FUNCTION evidence_incidents_stay()"
    ),
    _refuses("evidence_results", _RESULT),
    (
        f"CREATE TRIGGER evidence_results_stand BEFORE DELETE OR UPDATE OF {_JUDGED} ON evidence_results FOR EACH ROW "
        "EXECUTE FUNCTION evidence_results_stand()"
    ),
)
_TABLES = {table.name: table for table in (evidence_pages, evidence_collections, evidence_incidents, evidence_results)}
_NAMED = re.compile("|".join(_TABLES))
for _dialect, _statements in (("sqlite", _SQLITE), ("postgresql", _POSTGRESQL)):
    for _statement in _statements:
        _table = _TABLES[_NAMED.findall(_statement)[0]]
        event.listen(_table, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]  # SQLAlchemy has left its types out.
