"""What an assistant may ask: each method is a tool, its docstring is what the assistant reads of it. None changes anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from pydantic import Field

from syncd.cli.reach import Reach, given
from syncd.errors import Misconfigured
from syncd.evidence.accepting import check_of

Json = dict[str, Any]
CheckUp = Callable[[str], Sequence[Json]]
Reference = Annotated[
    str,
    Field(
        description="A case's key or address, an incident's id, number (#1234) or address, or a delivery's id. Where it may mean "
        "several things: case:X, incident:X, delivery:N or link:N."
    ),
]
Search = Annotated[
    str,
    Field(
        description="Terms with spaces between them, which must all hold: outcome:failed,retrying age<24h -reason:echo "
        "case:CS-10* http:5xx. Ask `delivery_fields` for all fields."
    ),
]
Account = Annotated[
    str, Field(description="Its name; it may be left out where evidence is collected from one account alone.")
]
Period = Annotated[
    str, Field(description="Incidents of this time are judged: 7d, 30d, quarter, last-quarter, 2026-Q3 or FROM..TO.")
]
Limit = Annotated[int, Field(ge=1, le=200, description="At most this many.")]

_OF_REPORT = ("account", "window", "known_at", "counts", "visible", "key")
_OF_CONTROL = ("check", "title", "result", "sentence", "in_order", "judged", "missing", "cure", "for_information")


class Looking:
    def __init__(self, reach: Reach, check_up: CheckUp | None = None) -> None:
        """`check_up`: None where the machine to be checked is another one."""
        self._reach, self._check_up = reach, check_up

    @property
    def tools(self) -> Sequence[Callable[..., Json]]:
        return [
            self.why,
            self.deliveries,
            self.delivery,
            self.count_deliveries,
            self.delivery_fields,
            self.links,
            self.compare_link,
            self.cases,
            self.case,
            self.conflicts,
            self.status,
            self.checks,
            self.evidence,
            self.evidence_of_check,
            *([] if self._check_up is None else [self.doctor]),
        ]

    def why(
        self, reference: Reference, compare: Annotated[bool, Field(description="Read both sides now.")] = False
    ) -> Json:
        """Why a case and its PagerDuty incident are not in step: the first thing that stops a change, in one sentence, who has to
        act (you, PagerDuty or nobody), the exact command, and what has happened so far. Begin here. `service:NAME`, `schedule:NAME`
        and `times:INCIDENT` ask what evidence knows of one, and why it may lack it.
        """
        return self._reach.why(given(ref=reference, compare="true" if compare else None))

    def deliveries(self, query: Search = "", limit: Limit = 20, before: int | None = None) -> Json:
        """Every attempt to carry a change over, and every decision not to, the newest first. `before` is the id of the last one
        seen, for those that came before it.
        """
        return {"deliveries": self._reach.deliveries(given(q=query or None, limit=limit, before=before))}

    def delivery(self, number: Annotated[int, Field(ge=1)]) -> Json:
        """One delivery with what was sent and answered; secrets are masked."""
        return self._reach.delivery(number)

    def count_deliveries(
        self,
        query: Search = "",
        by: Annotated[str, Field(description="Fields with commas between them.")] = "outcome,reason,direction",
    ) -> Json:
        """How many deliveries there are by the values of some fields, of the newest 100,000; of the last 7 days where no time is
        asked for.
        """
        return self._reach.audit.facets(given(q=query or None, by=by))

    def delivery_fields(self) -> Json:
        """The fields that deliveries can be asked by, with what each takes and an example."""
        from syncd.console.v1.audit import fields

        return {"fields": fields()}

    def links(
        self,
        about: Annotated[str, Field(description="A link's number, a case's key, an incident's id or address.")] = "",
        state: Annotated[str, Field(description="opening, open, ended or failed; empty: any.")] = "",
        limit: Limit = 20,
    ) -> Json:
        """Which case and which incident belong together, and what is believed of both."""
        return {"links": self._reach.links(given(about=about or None, state=state or None, limit=limit))}

    def compare_link(self, number: Annotated[int, Field(ge=1)]) -> Json:
        """Read both sides of a link now, and tell where they differ."""
        return self._reach.compare(number)

    def cases(
        self,
        status: Annotated[str, Field(description="open, acknowledged, resolved or closed; empty: any.")] = "",
        limit: Limit = 20,
    ) -> Json:
        """The built-in cases, the newest first."""
        return {"cases": self._reach.cases(given(status=status or None, limit=limit))}

    def case(self, key: str) -> Json:
        """One built-in case with all that was said on it."""
        return self._reach.case(key)

    def conflicts(self, limit: Limit = 20) -> Json:
        """Fields that both sides changed at once, and that wait for a person to choose."""
        return {"conflicts": self._reach.conflicts(given(limit=limit))}

    def status(self) -> Json:
        """How the daemon is: what waits and what is held, who is disconnected, which parts run, and what a person has to do."""
        return self._reach.status()

    def checks(self, integration: str) -> Json:
        """What the last diagnosis of a PagerDuty account found: what its key may do, with the code and the cure."""
        return {"checks": self._reach.checks(integration)}

    def evidence(self, account: Account = "", period: Period = "30d") -> Json:
        """Whether incident response is ready, of an account that evidence is collected from: what became of each check (pass, fail,
        not applicable, unknown, accepted), why, what helps, and what its key cannot see. What was not read is never a pass.
        """
        found = self._reach.evidence.report(account, period, None)
        controls = [{name: one[name] for name in _OF_CONTROL} for one in found["controls"]]
        return {**{name: found[name] for name in _OF_REPORT}, "controls": controls}

    def evidence_of_check(
        self,
        check: Annotated[str, Field(description="Like SVC-01; `evidence` has them all.")],
        account: Account = "",
        period: Period = "30d",
        limit: Limit = 50,
    ) -> Json:
        """What one check finds not in order, subject by subject: what is wrong, since when, whose it is, and who has accepted it."""
        found, name = self._reach.evidence.report(account, period, None), check_of(check)
        rows = [one for one in found["exceptions"] if one["check"] == name]
        (control,) = [one for one in found["controls"] if one["check"] == name]
        return {**control, "exceptions": rows[:limit], "left_out": max(len(rows) - limit, 0)}

    def doctor(
        self, integration: Annotated[str, Field(description="Only this account; empty: everything.")] = ""
    ) -> Json:
        """Check the daemon and its accounts now. PagerDuty is asked, and nothing is written there."""
        if self._check_up is None:
            raise Misconfigured("A daemon elsewhere is checked where it runs: `syncd doctor`.")
        return {"checks": list(self._check_up(integration))}
