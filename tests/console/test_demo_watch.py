"""Whoever looks holds up nobody who does something: the loop that serves both would wait for itself."""

from __future__ import annotations

import threading
import time

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from syncd.console.demo.client import DemoClient
from syncd.console.demo.watch import Watch
from syncd.console.demo_plan import DemoPlan
from syncd.simulator import serve


def test_an_act_does_not_wait_for_a_look_that_is_under_way() -> None:
    asked, answers = threading.Event(), threading.Event()

    def slow(_: Request) -> Response:
        asked.set()
        answers.wait()
        return JSONResponse({}, 404)

    with serve(Starlette(routes=[Route("/{path:path}", slow)])) as url:
        plan = DemoPlan(url, "key", url, "token")
        watch = Watch(DemoClient(plan), plan, "CS-1", time.monotonic)
        looks = threading.Thread(target=watch.look)
        looks.start()
        asked.wait()
        watch.expect_change()
        was_under_way = looks.is_alive()
        answers.set()
        looks.join()
    assert was_under_way, "it did not wait for the look"
