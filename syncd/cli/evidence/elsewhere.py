"""These commands on a daemon elsewhere: the same, by its /v1."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from syncd.cli.remote_evidence import RemoteEvidence


@contextmanager
def there(server: str) -> Iterator[RemoteEvidence]:
    """An answer about a large account takes a while."""
    from syncd.cli.remote import SETUP_SECONDS, remote

    with remote(server, SETUP_SECONDS) as far:
        yield far.evidence


def since_then(ago: str) -> str:
    """As a period."""
    from datetime import UTC, datetime

    from syncd.cli.span import moment_of

    now = datetime.now(UTC)
    return f"{moment_of(ago, now):%Y-%m-%dT%H:%M:%SZ}..{now:%Y-%m-%dT%H:%M:%SZ}"


def told(one: dict[str, Any]) -> dict[str, Any]:
    """A dataset as `status` shows it here."""
    order = ("dataset", "state", "collected_at", "next_at", "every_hours", "known_since", "requests", "why")
    more = ("unfinished_since", "unfinished")
    moments = {name: _moment(one[name]) for name in ("known_since", "unfinished_since")}
    row = {**one, "every_hours": one["every"] / 3600, **moments}
    return {name: row[name] for name in (*order, *more)}


def _moment(text: str | None) -> Any:  # noqa: ANN401  A moment, or none.
    from datetime import datetime

    return None if text is None else datetime.fromisoformat(text)
