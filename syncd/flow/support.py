"""What whoever helps is given: how the daemon is set up, how it is, and what it did last. Without bodies, and without any secret."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from syncd.errors import SyncdError
from syncd.flow.status.condition import condition
from syncd.store import connection_log, connectors, deliveries, integrations, schema
from syncd.store.database import Database
from syncd.systems import redact

LAST = 200  # rows
_BODIES = ("request", "response")
_CREDENTIALS = ("sealed", "settings")


@dataclass(frozen=True, slots=True)
class Page:
    name: str
    text: str
    masked: int


def page(name: str, content: object, secrets: Collection[str]) -> Page:
    """As it leaves: what looks like a secret is masked by its name and its form, and what is known to be one wherever it stands."""
    text = content if isinstance(content, str) else _written(redact.whole(content, secrets))
    for secret in sorted(secrets, key=len, reverse=True):
        for spelling in {secret, json.dumps(secret)[1:-1], quote(secret, safe="")}:
            text = text.replace(spelling, redact.MASK)
    text = "\n".join(redact.text(line) for line in text.splitlines()) + "\n"
    return Page(name, text, text.count(redact.MASK))


def of_database(db: Database) -> Mapping[str, Callable[[], object]]:
    """Name of a page -> how it is made. Each is asked for apart, so that one that fails takes none along."""
    return {
        "schema.json": lambda: _schema(db),
        "status.json": lambda: _status(db),
        "integrations.json": lambda: _accounts(db),
        "connections.json": lambda: _connections(db),
        "deliveries.json": lambda: _deliveries(db),
    }


def tried(make: Callable[[], object]) -> object:
    try:
        return make()
    except SyncdError as error:
        return {"not_to_be_had": str(error)}


def _schema(db: Database) -> object:
    with db.read() as tx:
        return {
            "database": "sqlite" if db.is_sqlite else "postgresql",
            "is": schema.version(tx),
            "needs": schema.head(),
        }


def _status(db: Database) -> object:
    seen = condition(db)
    return {
        "at": seen.now,
        "parts": [asdict(one) for one in seen.parts],
        "errands": seen.errands,
        "links": seen.links,
        "not_known": list(seen.doubts),
        "findings": [{"what": one.what, "remedy": one.remedy} for one in seen.findings],
    }


def _accounts(db: Database) -> object:
    with db.read() as tx:
        rows = [asdict(one) for one in integrations.all_of(tx).values()]
        senders = [asdict(one) for one in connectors.all_of(tx).values()]
    return {
        "integrations": [{name: value for name, value in row.items() if name not in _CREDENTIALS} for row in rows],
        "connectors": [{name: value for name, value in row.items() if name != "sealed"} for row in senders],
    }


def _connections(db: Database) -> object:
    with db.read() as tx:
        return [asdict(one) for one in connection_log.listing(tx, limit=LAST)]


def _deliveries(db: Database) -> object:
    with db.read() as tx:
        rows = deliveries.find(tx, {}, limit=LAST)
    return [{name: value for name, value in row.items() if name not in _BODIES} for row in rows]


def _written(content: object) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:  # noqa: ANN401 - whatever a row may hold
    return value.isoformat() if isinstance(value, datetime) else str(value)
