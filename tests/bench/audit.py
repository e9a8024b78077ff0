"""A million deliveries of 90 days are asked for: pages, facets, histogram, lag and an export, on both databases."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from functools import partial

import httpx

from syncd.core.query.fields import FACETS
from syncd.core.query.reading import read
from syncd.core.query.terms import EVERYTHING
from syncd.store.audit import counts, export
from syncd.store.audit.pages import Place, page
from syncd.store.audit.patience import patient_read
from syncd.store.database import Database

from .answering import answering
from .databases import analyse, fill, times, with_rig_on_both
from .rig import Rig

ROWS = 1_000_000
ROUNDS = 40
_ON_PAGE = ("outcome", "direction", "change", "reason", "integration", "http")
#: A row every 7.776 s is a million in 90 days.
_AT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f', 'now', '-90 days', '+' || (i * 7.776) || ' seconds') || '000'",
    "postgresql": "now() - interval '90 days' + i * interval '7.776 second'",
}
_DELIVERIES = """INSERT INTO notification_deliveries (recorded_at, direction, change, action, outcome, reason, detail,
    attempt, errand_id, link_id, connector, integration, source_system, destination_system, case_id, incident_id, actor,
    method, url, http_status, e2e_ms, duration_ms, request_id, request, response)
  {numbers} SELECT {at}, CASE i % 2 WHEN 0 THEN 'inbound' ELSE 'outbound' END,
    CASE i % 5 WHEN 0 THEN 'acknowledge' WHEN 1 THEN 'resolve' WHEN 2 THEN 'priority' ELSE 'comment' END, '',
    CASE WHEN i % 1000 = 0 THEN 'failed' WHEN i % 200 = 1 THEN 'retrying' WHEN i % 3 = 0 THEN 'suppressed' ELSE 'applied' END,
    CASE WHEN i % 1000 = 0 THEN 'refused' WHEN i % 200 = 1 THEN 'rate_limited' WHEN i % 3 = 0 THEN 'echo' ELSE 'changed' END,
    'The change was made on the other side.', 1, 1 + i / 4, 1 + i / 20, 'connector-' || (i % 7), 'pagerduty-' || (i % 3),
    'cases', 'pagerduty', 'CS-' || (i / 20), 'Q' || (i / 20), 'Person ' || (i % 40), 'POST',
    'https://api.pagerduty.com/incidents/Q' || (i / 20) || '/notes', CASE i % 3 WHEN 0 THEN NULL ELSE 200 END,
    200 + i % 3000, 30 + i % 400, 'r' || i,
    '{{"note": {{"content": "Looking at it, the third node answers slowly since noon."}}}}',
    '{{"note": {{"id": "N", "created_at": "2025-01-01T00:00:00Z"}}}}' FROM n"""


def measure() -> dict[str, object]:
    return with_rig_on_both(_measure)


def _measure(ready: Rig) -> dict[str, object]:
    fill(ready.db, ((_DELIVERIES, ROWS),), _AT)
    analyse(ready.db)
    with answering(ready) as client:
        return {"in the store": asked(ready.db), "over /v1": served(client)}


def served(client: httpx.Client) -> dict[str, object]:
    """As a program asks: with its token, over loopback, one at a time."""
    deep = _places(client)
    asking: dict[str, Callable[[int], object]] = {
        "newest page of all": lambda _: _given(client, "", limit="100"),
        "any page of all": lambda number: _given(client, "", limit="100", after=deep[number % len(deep)]),
        "newest page of 'outcome:failed'": lambda _: _given(client, "", q="outcome:failed", limit="100"),
        "facets of 7d": lambda _: _given(client, "/facets", q="age<7d", by=",".join(FACETS)),
        "histogram of 7d": lambda _: _given(client, "/histogram", q="age<7d"),
        "lag of 7d": lambda _: _given(client, "/lag", q="age<7d"),
    }
    figures: dict[str, object] = {name: _took(ask, 100) for name, ask in asking.items()}
    began, size = time.perf_counter(), 0
    with client.stream("GET", "/v1/deliveries/export", params={"q": "id>0", "format": "csv"}) as answer:
        size = sum(len(piece) for piece in answer.iter_bytes())
    figures["all as CSV"] = {"MiB": round(size / 2**20), "s": round(time.perf_counter() - began, 1)}
    return figures


def _places(client: httpx.Client) -> list[str]:
    """Where pages begin, all over the table."""
    last = int(_given(client, "", limit="1").json()["deliveries"][0]["id"])
    befores = [str(last - number * 24_000) for number in range(1, 40)]
    return [_given(client, "", limit="1", before=one).json()["next"] for one in befores]


def _given(client: httpx.Client, address: str, **asked: str) -> httpx.Response:
    return client.get(f"/v1/deliveries{address}", params=asked).raise_for_status()


def asked(db: Database) -> dict[str, object]:
    figures: dict[str, object] = {}
    for asked_for in (
        "",
        "outcome:failed",
        "outcome:failed age<7d",
        "case:CS-1042",
        "actor:none",
        "case:CS-10*",
        "refused",
    ):
        figures[f"newest page of {asked_for or 'all'!r}"] = _took(partial(_newest, db, asked_for))
    with db.read() as tx:
        last = page(tx, EVERYTHING, db.now(tx), limit=1).rows[0]["id"]
    figures["any page of all"] = _took(lambda number: _page(db, "", Place(_at(db, last - number * 24_000), last)))
    figures["any page of 'outcome:failed'"] = _took(
        lambda number: _page(db, "outcome:failed", Place(_at(db, last - number * 24_000), last))
    )
    with db.read() as tx:
        now = db.now(tx)
    for span in ("24h", "7d", "30d"):
        query = read(f"age<{span}")
        figures[f"all facets of {span}"] = _took(partial(_counted, db, counts.facets, query, now, FACETS), 20)
        figures[f"the page's facets of {span}"] = _took(partial(_counted, db, counts.facets, query, now, _ON_PAGE), 20)
        figures[f"histogram of {span}"] = _took(partial(_counted, db, counts.histogram, query, now), 20)
        figures[f"lag of {span}"] = _took(partial(_counted, db, counts.lag, query, now), 20)
    began = time.perf_counter()
    rows = sum(len(some) for some in export.lines(db.read, EVERYTHING, now))
    figures["rows of all read for an export"] = {"rows": rows, "s": round(time.perf_counter() - began, 1)}
    return figures


def _at(db: Database, number: int) -> datetime:
    with db.read() as tx:
        found: datetime = page(tx, read(f"id:{max(1, number)}"), db.now(tx), limit=1).rows[0]["recorded_at"]
    return found


def _page(db: Database, query: str, after: Place | None) -> None:
    with patient_read(db) as tx:
        page(tx, read(query), db.now(tx), limit=100, after=after)


def _newest(db: Database, query: str, _: int) -> None:
    _page(db, query, None)


def _counted(db: Database, count: Callable[..., object], *given: object) -> None:
    with patient_read(db) as tx:
        count(tx, *given[:-1])  # without the number of the round


def _took(ask: Callable[[int], object], rounds: int = ROUNDS) -> dict[str, float]:
    took = []
    for number in range(rounds):
        began = time.perf_counter()
        ask(number)
        took.append((time.perf_counter() - began) * 1000)
    return times(took, {"p50 ms": 0.5, "p95 ms": 0.95})
