"""A delivery beside the list it was found in: why, its attempts, what was sent and answered, what it would become now, and its row."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syncd.console.pages.asked import Tab
from syncd.console.parts import Parts
from syncd.core.reasons import SENTENCES, Reason
from syncd.errors import SyncdError
from syncd.flow.mapped import Event, events_of
from syncd.flow.why.answer import Answer, Asker
from syncd.store import deliveries
from syncd.store.row_json import row_as_json

_MOST = 50
Row = Mapping[str, Any]
Address = Callable[[int, Tab], str]  # of a delivery that is open beside the list, and which part of it


@dataclass(frozen=True, slots=True)
class TabLink:
    label: str
    address: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    number: int
    tabs: Sequence[TabLink]
    tab: Tab
    row: Row | None  # None: there is none of that number
    meaning: str = ""
    answer: Answer | None = None  # today's, of its link
    attempts: Sequence[tuple[Row, str]] = ()  # each with the address that opens it
    events: Sequence[Event] = ()
    text: str = ""
    said: str = ""  # why a part of it cannot be shown


@dataclass(frozen=True, slots=True)
class Drawer:
    parts: Parts

    def drawn(self, number: int, tab: Tab, address: Address) -> Drawn:
        with self.parts.database.read() as tx:
            row = deliveries.get(tx, number)
            errand = None if row is None else row["errand_id"]
            tried = deliveries.find(tx, {"errand_id": errand}, limit=_MOST) if errand else [row] if row else []
        if row is None:
            return Drawn(number, (), tab, None)
        labels = {one: str(one).capitalize() for one in Tab} | {Tab.ATTEMPTS: f"Attempts {len(tried)}"}
        tabs = [TabLink(labels[one], address(number, one), one is tab) for one in Tab]
        made = Drawn(number, tabs, tab, row)
        try:
            return self._filled(made, row, tried, address)
        except SyncdError as error:
            return Drawn(number, tabs, tab, row, said=str(error))

    def _filled(self, made: Drawn, row: Row, tried: Sequence[Row], address: Address) -> Drawn:
        common = (made.number, made.tabs, made.tab, row)
        match made.tab:
            case Tab.WHY:
                return Drawn(*common, meaning=SENTENCES.get(Reason(row["reason"]), ""), answer=self._why(row))
            case Tab.ATTEMPTS:
                return Drawn(*common, attempts=[(one, address(one["id"], Tab.WHY)) for one in tried])
            case Tab.REQUEST:
                return Drawn(*common, text=_text(row["request"]))
            case Tab.RESPONSE:
                return Drawn(*common, text=_text(row["response"]))
            case Tab.MAPPING:
                return Drawn(*common, events=self._events(row))
            case Tab.RAW:
                return Drawn(*common, text=_text(row_as_json(row)))

    def _why(self, row: Row) -> Answer | None:
        if not row["link_id"]:
            return None
        return Asker(self.parts.database, lambda: self.parts.connections, self.parts.clock).why(
            f"link:{row['link_id']}"
        )

    def _events(self, row: Row) -> Sequence[Event]:
        if not (row["arrival_id"] and row["link_id"]):
            return ()
        return events_of(self.parts.database, self.parts.connections, row["id"])


def _text(body: object) -> str:
    return "" if body is None else json.dumps(body, indent=1, ensure_ascii=False)
