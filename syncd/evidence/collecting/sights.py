"""What an account's key sees is asked before a collecting and after it, and kept with it: a key may be narrowed at any moment, and widened.

What was read between two moments at which it saw the whole account is whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from syncd.connections.open import Connections
from syncd.connections.probes.asking import ungranted
from syncd.connections.probes.questions import Asking
from syncd.core.judging import Answer, heard_of
from syncd.errors import RateLimited, Refused
from syncd.evidence.facts.dataset import Name
from syncd.evidence.facts.sight import BY_TEAM, hidden, hidden_as_seen
from syncd.store.database import Tx
from syncd.store.evidence import collections
from syncd.store.evidence.collections import Collection
from syncd.store.integrations import Integration
from syncd.systems.http import Http
from syncd.systems.trip import Trip

Sight = Mapping[str, str]
#: What an earlier collecting was told at its end goes for the beginning of this one: those of incidents begin where the last one ended.
_LATELY = timedelta(minutes=75)
_COSTS = 3  # requests; whose teams are many pays for each further page


def is_asked(taken: Collection) -> bool:
    """What PagerDuty shows by team."""
    return Name(taken.dataset) in BY_TEAM


def seen_lately(tx: Tx, taken: Collection, now: datetime) -> Sight | None:
    """Only of one that has not begun; and of a key that did not see everything it is asked anew."""
    last = None if taken.pages else collections.last_sight(tx, taken.integration, BY_TEAM)
    if last is None or hidden_as_seen([last]) is not None:
        return None
    return last if now - datetime.fromisoformat(last["at"]) <= _LATELY else None


def seen(http: Http, connections: Connections, account: Integration, trip: Trip) -> Answer:
    """Raises where it makes sense to ask again. All of it is paid for at once: half an answer would have to be asked for anew."""
    wait = connections.toll(account).pay(trip.purpose, _COSTS)
    if wait:
        said = f"The request budget of {account.slug} is spent, so what its key sees is asked in {wait:.0f} s."
        raise RateLimited(said, retry_after=wait, status=None)
    trip.paid += _COSTS
    try:
        return Asking(http, None, trip, ungranted=ungranted(connections, account)).seen()
    except Refused as refused:
        if refused.status is None:
            raise
        return Answer(heard_of(refused), str(refused))


def told(answer: Answer, at: datetime) -> Sight:
    """As it is kept: without anybody's name, as the sentence is."""
    return {"at": at.isoformat(), "heard": answer.heard.value, "said": answer.said}


def compared(tx: Tx, slug: str, answer: Answer) -> str:
    """For whoever tests an account: what its key sees now, and whether that is less than when evidence was collected by it."""
    lack, last = hidden(answer.heard), collections.last_sight(tx, slug, BY_TEAM)
    if lack is None:
        return "the whole account"
    said = answer.said.rstrip(".") or "not the whole account"
    if last is None or hidden_as_seen([last]) is not None:
        return f"{said}; no check of evidence passes by it"
    at = datetime.fromisoformat(last["at"])
    return f"{said}; that is less than at {at:%Y-%m-%d %H:%M} UTC, when evidence was collected by it: what is collected now passes no check"
