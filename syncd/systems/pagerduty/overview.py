"""Many incidents at once, a page for each call: those that are open now, and those that something has happened to.

A list of PagerDuty's shows 10,000 items at most. The log is followed past that by narrowing its window to what is left. Nor is a
list shown of more than half a year at once: where that is refused the log is asked for in windows, the oldest first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

from syncd.errors import Refused
from syncd.systems.document import Json, pick, pick_list, pick_name, pick_time
from syncd.systems.http import Http
from syncd.systems.port import Page, Sighting
from syncd.systems.trip import Trip

from . import vocabulary
from .client import PAGE, REACH

_OPEN = ("triggered", "acknowledged")
_TOO_LONG = 2005  # "Invalid Query Date Range"
_WINDOW = timedelta(days=180)  # PagerDuty takes half a year at most
_WINDOWS = 40  # twenty years of them


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where in a list; the window only where the list has one."""

    offset: int = 0
    since: str = ""
    until: str = ""
    window: int = 0  # which one of the log it is; 0: it is asked for at once
    ends: str = ""  # where this window does; empty: it has no end


def standing(http: Http, trip: Trip, services: Sequence[str], cursor: str) -> Page:
    spot = _read(cursor)
    wanted = {
        "statuses[]": list(_OPEN),
        "service_ids[]": list(services),
        "date_range": "all",
        "sort_by": "created_at:asc",
    }
    answer = _get(http, trip, "/incidents", wanted, spot)
    incidents = [item for item in pick_list(answer, "incidents") if pick_name(item, "id")]
    seen = tuple(
        Sighting(pick_name(item, "id"), vocabulary.record(item), key=pick_name(item, "incident_key"))
        for item in incidents
    )
    following = _following(answer, spot)
    is_cut = following is not None and following.offset + PAGE > REACH
    return Page(seen, "" if following is None or is_cut else _write(following), _total(answer))


def changed(http: Http, trip: Trip, since: datetime, cursor: str) -> Page:
    """By the account's log, newest first: it has every change of a field and every note, and the incident of each."""
    spot = _read(cursor) if cursor else _Spot(since=iso(since))
    answer, spot = _log(http, trip, spot)
    entries = pick_list(answer, "log_entries")
    changes: dict[str, list[str]] = {}
    for one in entries:
        changes.setdefault(pick_name(one, "incident", "id"), []).append(pick_name(one, "id"))
    following = _following(answer, spot)
    if following is not None and following.offset + PAGE > REACH:
        following = _narrowed(spot, entries)
    if following is None and spot.ends:
        following = _Spot(since=spot.ends, window=spot.window)
    seen = tuple(_sighting(ref, names) for ref, names in changes.items() if ref)
    return Page(seen, "" if following is None else _write(following), _total(answer))


def _log(http: Http, trip: Trip, spot: _Spot) -> tuple[Json, _Spot]:
    """All that is left of it at once, or the next window of that. How long one may be PagerDuty alone knows by its own clock."""
    try:
        return _get(http, trip, "/log_entries", _bounds(spot), spot), spot
    except Refused as refused:
        if refused.code != _TOO_LONG or spot.until or spot.offset or spot.window == _WINDOWS:
            raise
    end = iso(datetime.fromisoformat(spot.since) + _WINDOW)
    window = replace(spot, until=end, ends=end, window=spot.window + 1)
    return _get(http, trip, "/log_entries", _bounds(window), window), window


def _bounds(spot: _Spot) -> dict[str, str]:
    return {"since": spot.since, **({"until": spot.until} if spot.until else {})}


def _sighting(ref: str, names: Sequence[str]) -> Sighting:
    """Each entry of the log has a name of its own; of a change that has none nobody can tell whether it is new."""
    return Sighting(ref, changes=tuple(names) if all(names) else ())


def _get(http: Http, trip: Trip, path: str, wanted: Mapping[str, str | Sequence[str]], spot: _Spot) -> Json:
    params: dict[str, str | int | Sequence[str]] = {**wanted, "offset": spot.offset, "limit": PAGE}
    if not spot.offset:
        params["total"] = "true"
    return http.send(trip, "GET", path, params=params).document()


def _following(answer: Json, spot: _Spot) -> _Spot | None:
    if pick(answer, "more") is not True:
        return None
    # The server may have allowed less than was asked for.
    allowed = pick(answer, "limit")
    return replace(spot, offset=spot.offset + (allowed if isinstance(allowed, int) and allowed > 0 else PAGE))


def _narrowed(spot: _Spot, entries: Sequence[object]) -> _Spot:
    """From the last entry seen on, whichever way the list runs; that second is seen twice."""
    times = [at for one in entries if (at := pick_time(one, "created_at")) is not None]
    if not times:
        raise Refused("PagerDuty's log entries carry no times, so that its list cannot be followed past its cap.")
    runs_back = times[0] >= times[-1]
    rest = replace(spot, offset=0)
    narrowed = replace(rest, until=iso(times[-1])) if runs_back else replace(rest, since=iso(times[-1]))
    if (narrowed.since, narrowed.until) == (spot.since, spot.until):
        raise Refused(f"PagerDuty lists at most {REACH} log entries, and more than that are of one second.")
    return narrowed


def _total(answer: Json) -> int | None:
    total = pick(answer, "total")
    return total if isinstance(total, int) and not isinstance(total, bool) else None


def iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _write(spot: _Spot) -> str:
    return json.dumps(asdict(spot))


def _read(cursor: str) -> _Spot:
    return _Spot(**json.loads(cursor)) if cursor else _Spot()
