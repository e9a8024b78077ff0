"""Somebody asks why at 3 a.m.: a million deliveries of 50,000 links, by the command line and over /v1, on both databases."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from random import Random

import httpx

from .answering import answering
from .databases import analyse, fill, times, with_rig_on_both
from .process import ROOT
from .rig import Rig, linked_cases

DELIVERIES, LINKS, ERRANDS, HOOKS = 1_000_000, 50_000, 250_000, 500_000
COMMANDS, REQUESTS = 30, 200  # asked, for each kind of word

#: Spread over 90 days.
_AT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f', 'now', '-90 days', '+' || (i * 7776000.0 / {count}) || ' seconds') || '000'",
    "postgresql": "now() - interval '90 days' + i * interval '1 second' * (7776000.0 / {count})",
}
#: The first link was made as an opening makes one; the others are like it.
_LINKS = """INSERT INTO links (key, case_system, case_id, integration, incident_id, connector, state, reason, is_paused, case_url,
    incident_url, title, body, known, wanted, version, created_at, opened_at, shard)
  {numbers} SELECT 'syncd:CS-' || i, first.case_system, 'CS-' || i, first.integration, 'Q' || i, first.connector, first.state, '',
    first.is_paused, 'https://syncd.example.com/cases/CS-' || i, 'https://acme.pagerduty.com/incidents/Q' || i, 'Checkout is slow', '',
    first.known, first.wanted, 1, {at}, {at}, i % 64 FROM n, links AS first WHERE first.id = 1 AND n.i < {count}"""
_HOOKS = """INSERT INTO arrivals (source, event_key, event_type, record, body, received_at, state, is_unlinked, is_behind, attempt,
    next_at, shard)
  {numbers} SELECT CASE i % 2 WHEN 0 THEN 'pagerduty' ELSE 'cases' END, 'e' || i, 'incident.annotated',
    CASE i % 2 WHEN 0 THEN 'Q' ELSE 'CS-' END || ((i - 1) / 10), '{{}}', {at}, 'planned', false, false, 0, {at}, i % 64 FROM n"""
#: Of 250 one waits, and one is dead.
_ERRANDS = """INSERT INTO errands (link_id, side, kind, change, text, author, by_name, state, held_reason, attempt, is_doubtful,
    token, next_at, far_id, created_at, shard)
  {numbers} SELECT 1 + (i - 1) / 5, 'incident', 'note', 'comment', 'Looking at it.', '', 'Ana',
    CASE i % 250 WHEN 0 THEN 'waiting' WHEN 100 THEN 'dead' ELSE 'delivered' END, '', 1, false, '', {at}, 'N' || i, {at}, i % 64 FROM n"""
_DELIVERIES = """INSERT INTO notification_deliveries (recorded_at, direction, change, action, outcome, reason, detail,
    attempt, arrival_id, errand_id, link_id, connector, integration, source_system, destination_system, case_id, incident_id, actor,
    method, url, http_status, request_id, request, response)
  {numbers} SELECT {at}, CASE i % 2 WHEN 0 THEN 'inbound' ELSE 'outbound' END, 'comment', '',
    CASE WHEN (1 + (i - 1) / 4) % 250 = 100 THEN 'failed' WHEN i % 200 = 1 THEN 'retrying' WHEN i % 3 = 0 THEN 'suppressed'
      ELSE 'applied' END,
    CASE WHEN (1 + (i - 1) / 4) % 250 = 100 THEN 'refused' WHEN i % 200 = 1 THEN 'rate_limited' WHEN i % 3 = 0 THEN 'echo'
      ELSE 'noted' END,
    'The text was added on the other side.', 1, 1 + (i - 1) / 2, 1 + (i - 1) / 4, 1 + (i - 1) / 20, 'bench', 'pagerduty', 'cases',
    'pagerduty', 'CS-' || ((i - 1) / 20), 'Q' || ((i - 1) / 20), 'Person ' || (i % 40), 'POST',
    'https://api.pagerduty.com/incidents/Q' || ((i - 1) / 20) || '/notes', 200, 'r' || i,
    '{{"note": {{"content": "Looking at it, the third node answers slowly since noon."}}}}',
    '{{"note": {{"id": "N", "created_at": "2025-01-01T00:00:00Z"}}}}' FROM n"""
_FILLED = ((_LINKS, LINKS), (_HOOKS, HOOKS), (_ERRANDS, ERRANDS), (_DELIVERIES, DELIVERIES))

#: What people have in hand. Nothing is known as the last, so that everything is looked through for it.
WORDS: Mapping[str, Callable[[Random], str]] = {
    "a case": lambda draw: f"CS-{draw.randrange(1, LINKS)}",
    "an incident's address": lambda draw: f"https://acme.pagerduty.com/incidents/Q{draw.randrange(1, LINKS)}",
    "a delivery": lambda draw: f"delivery:{draw.randrange(1, DELIVERIES)}",
    "nothing": lambda draw: f"CS-{LINKS + draw.randrange(1, LINKS)}",
}


def measure() -> dict[str, object]:
    return with_rig_on_both(_measure)


def _measure(ready: Rig) -> dict[str, object]:
    """As it grows: nobody tells SQLite to look at how its rows lie, and PostgreSQL does so by itself."""
    linked_cases(ready, ["CS-0"])
    fill(ready.db, _FILLED, _AT)
    if not ready.db.is_sqlite:
        analyse(ready.db)
    with answering(ready) as client:
        over_http = {name: _took(lambda word: _asked(client, word), of, REQUESTS) for name, of in WORDS.items()}
    by_command = {name: _took(lambda word: _ran(ready, word), of, COMMANDS) for name, of in WORDS.items()}
    return {"over /v1": over_http, "by the command line": by_command}


def _asked(client: httpx.Client, word: str) -> None:
    answer = client.get("/v1/why", params={"ref": word})
    if answer.status_code not in {200, 404}:
        raise RuntimeError(f"{word}: {answer.status_code} {answer.text[:500]}")


def _ran(ready: Rig, word: str) -> None:
    argv = [sys.executable, "-m", "syncd", "why", word]
    ended = subprocess.run(argv, env={**os.environ, **ready.env}, cwd=ROOT, capture_output=True, text=True, check=False)
    if ended.returncode not in {0, 1, 4}:
        raise RuntimeError(f"{word}: {ended.returncode} {ended.stderr[-500:]}")


def _took(ask: Callable[[str], None], word: Callable[[Random], str], rounds: int) -> dict[str, float]:
    draw, took = Random(7), []  # noqa: S311  the same words for both databases
    for _ in range(rounds):
        asked = word(draw)
        begun = time.perf_counter()
        ask(asked)
        took.append((time.perf_counter() - begun) * 1000)
    return times(took, {"p50 ms": 0.5, "p95 ms": 0.95, "max ms": 1.0})
