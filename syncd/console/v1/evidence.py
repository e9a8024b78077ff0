"""/v1/evidence: whether the programme of an account is ready, and what people do about what is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.console.bearer import Handler
from syncd.console.bodies import AcceptFinding, CollectEvidence, WithdrawAcceptance
from syncd.console.evidence_answers import Answers
from syncd.console.intake import carried
from syncd.console.queries import EvidenceDiff, EvidenceQuery, EvidenceStatusQuery, FindingsQuery
from syncd.console.within import caller_of
from syncd.evidence import accepting
from syncd.evidence.bundle.keys import listing as keys_of
from syncd.evidence.collecting import due
from syncd.evidence.desk import Desk
from syncd.evidence.fresh import due_of, freshness_of
from syncd.evidence.report.changes import as_rows
from syncd.evidence.report.findings_page import page_of
from syncd.evidence.report.period import end_of, period_of
from syncd.evidence.report.plain import Plain
from syncd.store.evidence import collections, leaving, snapshots
from syncd.store.evidence.acceptances import Accepted, Wanted
from syncd.store.row_json import Json, row_as_json

_ONE = "/v1/evidence/{slug}"


@dataclass(frozen=True, slots=True)
class EvidenceApi:
    answers: Answers

    @property
    def desk(self) -> Desk:
        return self.answers.desk

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        """What has an address of its own stands before what names an account."""
        return {
            ("GET", "/v1/evidence"): self._accounts,
            ("GET", "/v1/evidence/key"): self._keys,
            ("GET", _ONE): self._report,
            ("GET", f"{_ONE}/status"): self._status,
            ("GET", f"{_ONE}/findings/{{check}}"): self._findings,
            ("GET", f"{_ONE}/acceptances"): self._acceptances,
            ("GET", f"{_ONE}/snapshots"): self._snapshots,
            ("GET", f"{_ONE}/diff"): self._diff,
            ("POST", f"{_ONE}/collect"): self._collect,
            ("POST", f"{_ONE}/accept"): self._accept,
            ("POST", f"{_ONE}/withdraw"): self._withdraw,
        }

    async def _accounts(self, request: Request) -> Response:
        found = await run_in_threadpool(self.accounts)
        mine = [one for one in found if caller_of(request).reaches(one["name"])]
        return JSONResponse({"accounts": mine})

    async def _keys(self, _: Request) -> Response:
        return JSONResponse({"keys": await run_in_threadpool(self.keys)})

    async def _report(self, request: Request) -> Response:
        asked = carried(request, EvidenceQuery)
        found = await run_in_threadpool(self.report, _named(request), asked, caller_of(request).name)
        return JSONResponse(found)

    async def _status(self, request: Request) -> Response:
        asked = carried(request, EvidenceStatusQuery)
        return JSONResponse(await run_in_threadpool(self.status, _named(request), asked.period))

    async def _findings(self, request: Request) -> Response:
        asked, check = carried(request, FindingsQuery), request.path_params["check"]
        found = await run_in_threadpool(self.findings, _named(request), check, asked, caller_of(request).name)
        return JSONResponse(found)

    async def _acceptances(self, request: Request) -> Response:
        return JSONResponse({"acceptances": await run_in_threadpool(self.acceptances, _named(request))})

    async def _snapshots(self, request: Request) -> Response:
        return JSONResponse({"snapshots": await run_in_threadpool(self.snapshots, _named(request))})

    async def _diff(self, request: Request) -> Response:
        asked = carried(request, EvidenceDiff)
        found = await run_in_threadpool(self.diff, _named(request), asked, caller_of(request).name)
        return JSONResponse({"changes": found})

    async def _collect(self, request: Request) -> Response:
        body = carried(request, CollectEvidence)
        return JSONResponse(await run_in_threadpool(self.collect, _named(request), body), 202)

    async def _accept(self, request: Request) -> Response:
        body = carried(request, AcceptFinding)
        return JSONResponse(await run_in_threadpool(self.accept, _named(request), body), 201)

    async def _withdraw(self, request: Request) -> Response:
        body = carried(request, WithdrawAcceptance)
        return JSONResponse(await run_in_threadpool(self.withdraw, _named(request), body))

    def accounts(self) -> list[Json]:
        with self.desk.db.read() as tx:
            kept = [one.integration for one in snapshots.listing(tx)]
        return [
            {"name": one.slug, "account": one.account_host, "state": one.state, "snapshots": kept.count(one.slug)}
            for one in self.desk.accounts()
        ]

    def keys(self) -> list[Json]:
        return [
            row_as_json(
                {
                    "fingerprint": one.fingerprint,
                    "state": "signs" if one.retired_at is None else "retired",
                    "public_key": one.public_key,
                    "created_at": one.created_at,
                    "retired_at": one.retired_at,
                }
            )
            for one in keys_of(self.desk.db)
        ]

    def report(self, slug: str, asked: EvidenceQuery, by: str) -> Plain:
        if asked.snapshot is not None:
            return self.desk.given_before(slug, asked.snapshot)
        return self.desk.report(slug, asked.period, by)

    def status(self, slug: str, period: str) -> Json:
        self.desk.account(slug)
        with self.desk.db.read() as tx:
            now = self.desk.db.now(tx)
            was_due = due_of(tx, slug, period_of(period, now), now)
            datasets = [
                row_as_json({**asdict(one), "every": int(one.every.total_seconds())})
                for one in freshness_of(tx, slug, now)
            ]
        due_ones = [row_as_json(asdict(one)) for one in was_due]
        return {**row_as_json({"name": slug, "at": now}), "datasets": datasets, "collections": due_ones}

    def findings(self, slug: str, check: str, asked: FindingsQuery, by: str) -> Json:
        """Page by page of the same answer, for as long as it holds."""
        known = accepting.check_of(check)
        if asked.snapshot is not None:
            report = self.desk.given_before(slug, asked.snapshot)
        else:
            report = self.answers.of(slug, asked.period, by)
        found = page_of(report, known, asked.after, asked.limit)
        return {"control": found.control, "findings": list(found.rows), "next": found.next}

    def acceptances(self, slug: str) -> list[Json]:
        self.desk.account(slug)
        return [self._told(one) for one in accepting.listing(self.desk.db, slug)]

    def snapshots(self, slug: str) -> list[Json]:
        """Also of an account that is gone: what was answered stays."""
        with self.desk.db.read() as tx:
            found = [row_as_json(asdict(one)) for one in snapshots.listing(tx, leaving.known_as(tx, slug))]
        if not found:
            self.desk.account(slug)
        return found

    def diff(self, slug: str, asked: EvidenceDiff, by: str) -> list[Plain]:
        return as_rows(self.desk.compared(slug, asked.a, asked.b, by))

    def collect(self, slug: str, body: CollectEvidence) -> Json:
        db, roster = self.desk.db, self.desk.roster
        self.desk.account(slug)
        numbers = due.ask(db, slug, body.datasets, since=body.since, by=body.by, roster=roster)
        with db.read() as tx:
            found = [one for number in numbers if (one := collections.get(tx, number)) is not None]
        asked = [
            row_as_json({"id": one.id, "dataset": one.dataset, "state": one.state, "since": one.since}) for one in found
        ]
        says = f"{len(asked)} datasets of {slug} are collected by the workers; `syncd evidence status {slug}` shows how far that is."
        return {"name": slug, "collections": asked, "says": says}

    def accept(self, slug: str, body: AcceptFinding) -> Json:
        self.desk.account(slug)
        taken = accepting.accept(
            self.desk, slug, Wanted(body.check, body.by, end_of(body.until), body.why, body.subject)
        )
        one = taken.acceptance
        says = f"Acceptance {one.id}: {one.check} {one.subject or 'as a whole'} until {one.until:%Y-%m-%d %H:%M} UTC, by {one.by}."
        return {**self._told(one), "is_found": taken.is_found, "mind": taken.mind, "says": says}

    def withdraw(self, slug: str, body: WithdrawAcceptance) -> Json:
        """One of another account is none of this one's: a token may be for this one alone."""
        self.desk.account(slug)
        accepting.require_of(self.desk.db, slug, body.acceptance)
        gone = accepting.withdraw(self.desk.db, body.acceptance, body.by)
        return {
            **self._told(gone),
            "says": accepting.told_of_withdrawal(self.desk.db, gone),
        }

    def _told(self, one: Accepted) -> Json:
        with self.desk.db.read() as tx:
            now = self.desk.db.now(tx)
        row: dict[str, Any] = asdict(one)
        return row_as_json({**row, "state": accepting.state_of(one, now)})


def _named(request: Request) -> str:
    return str(request.path_params["slug"])
