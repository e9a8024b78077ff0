"""What a capable person writes in an afternoon: verify, queue one Celery task for each event, an ORM row, a call.

`python -m tests.bench.plain web PORT` and `python -m tests.bench.plain worker`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import sys
from datetime import UTC, datetime

import httpx
import uvicorn
from celery import Celery
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .hooks import SECRET
from .plain_tables import Case, Event

DATABASE = os.environ["PLAIN_DATABASE"]
DESK = os.environ.get("PLAIN_DESK", "")
TOKEN = os.environ.get("PLAIN_TOKEN", "")
app = Celery("plain", broker=os.environ["PLAIN_BROKER"])
app.conf.update(task_ignore_result=True, broker_connection_retry_on_startup=True, worker_hijack_root_logger=False)
engine = create_engine(DATABASE, connect_args={"timeout": 30})


def _apply(body: str) -> None:
    event = json.loads(body)["event"]
    with Session(engine) as session:
        if session.get(Event, event["id"]) is not None:
            return
        case = session.scalars(select(Case).where(Case.incident_id == event["data"]["id"])).one()
        row = Event(
            id=event["id"], incident_id=case.incident_id, kind=event["event_type"], received_at=datetime.now(UTC)
        )
        session.add(row)
        priority = event["data"]["priority"]["summary"]
        if DESK:
            answer = httpx.post(
                f"{DESK}/v1/cases/{case.key}/priority",
                json={"priority": priority, "by": "syncd"},
                headers={"Authorization": f"Bearer {TOKEN}"},
                timeout=10,
            )
            answer.raise_for_status()
        case.priority = priority
        row.applied_at = datetime.now(UTC)
        session.commit()


apply = app.task(name="plain.apply", autoretry_for=(httpx.HTTPError,), retry_backoff=True)(_apply)


async def hook(request: Request) -> Response:
    body = await request.body()
    expected = "v1=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("x-pagerduty-signature", "")):
        return Response(status_code=401)
    await run_in_threadpool(apply.delay, body.decode())
    return Response(b"{}", media_type="application/json")


def main() -> None:
    if sys.argv[1] == "web":
        web = Starlette(routes=[Route("/hooks/{source}", hook, methods=["POST"])])
        uvicorn.run(web, port=int(sys.argv[2]), log_level="error")
    else:
        app.Worker(concurrency=2, loglevel="ERROR", quiet=True).start()


if __name__ == "__main__":
    main()
