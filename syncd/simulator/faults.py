"""Faults laid in the way of requests: which requests each one meets, how often, and what it does to them."""

from __future__ import annotations

import math
import threading
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from random import Random

from syncd.clock import Clock
from syncd.simulator.asked import Answer, Asked, Json, answer
from syncd.simulator.refusals import MESSAGES, error_body

CODES = {400: 2001, 401: 2006, 402: 2014, 403: 2010, 404: 2100, 408: 2016, 429: 2020}
SHAPES = ("normal", "string", "array", "errors_string", "html", "empty", "message")
FOR_EVER = 0


class WrongFault(ValueError):
    """A fault that cannot be laid."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`Fault(status=500, applied=True, methods=("POST",), path="*/notes", count=2)`: the next two notes are saved, the caller sees 500."""

    count: int = 1  # how many requests it meets; 0: every one until it is cleared
    lasts_s: float = (
        0.0  # after so long it is over, and until then a 429 says how much of it is left; 0: only `count` ends it
    )
    skip: int = 0  # so many matching requests pass first
    percent: float = 100.0  # a seeded draw for each matching request
    methods: tuple[str, ...] = ()  # empty: any
    path: str = "*"  # a pattern of the path without query: "/incidents/*", "*/notes"
    status: int | None = None  # what is answered; None: the true answer
    applied: bool = False  # a status is answered although the request was carried out
    apply_after_s: float | None = None  # the request is carried out so much later, whatever was answered
    code: int | None = None  # the error code in the body, and its message
    message: str | None = None
    shape: str = "normal"  # of the body: one of SHAPES
    body: Json | None = None  # this very body
    limit_headers: bool = True  # on a 429
    retry_after_s: int = 1  # what ratelimit-reset says on a 429
    delay_s: float = 0.0  # the answer comes so much later; with a status of None: a slow answer to a finished write
    drip_s: float = 0.0  # the body comes byte by byte, with so long between two
    cut: bool = False  # the connection ends without an answer
    partial: bool = False  # the connection ends in the middle of the body

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise WrongFault(f"A fault's shape is one of {', '.join(SHAPES)}, not {self.shape!r}.")

    def meets(self, asked: Asked) -> bool:
        return (not self.methods or asked.method in self.methods) and fnmatchcase(asked.path, self.path)

    @property
    def carries_out(self) -> bool:
        """Whether the request is carried out at once."""
        if self.apply_after_s is not None:
            return False
        return self.applied or (self.status is None and not self.cut)

    def answer(self) -> Answer:
        status = self.status or 504
        said = self._body(status)
        return said.with_headers(self._limits()) if status == 429 else said

    def _body(self, status: int) -> Answer:
        code = self.code or CODES.get(status, 2000)
        text = self.message or MESSAGES.get(code, "Unknown Error")
        if self.body is not None:
            return answer(status, self.body)
        if self.shape == "html":
            page = f"<html><body><h1>{status} {text}</h1></body></html>"
            return Answer(status, page.encode(), {"content-type": "text/html"})
        if self.shape == "empty":
            return Answer(status)
        shapes: dict[str, Json] = {
            "normal": error_body(code, message=text),
            "string": {"error": text},
            "array": {"error": [text]},
            "errors_string": {"error": {"message": text, "code": code, "errors": text}},
            "message": {"message": text},
        }
        return answer(status, shapes[self.shape])

    def _limits(self) -> dict[str, str]:
        if not self.limit_headers:
            return {}
        return {"ratelimit-limit": "960", "ratelimit-remaining": "0", "ratelimit-reset": str(self.retry_after_s)}


def fault_of(data: Json) -> Fault:
    """From the control API's JSON."""
    known = {f.name for f in fields(Fault)}
    if strange := set(data) - known:
        raise WrongFault(f"A fault has no {', '.join(sorted(strange))}; it has {', '.join(sorted(known))}.")
    if "methods" in data:
        data = {**data, "methods": tuple(data["methods"])}
    return Fault(**data)


@dataclass(slots=True)
class _Laid:
    fault: Fault
    until: datetime | None = None
    met: int = 0
    skipped: int = 0

    def is_over(self, now: datetime) -> bool:
        is_spent = self.fault.count != FOR_EVER and self.met >= self.fault.count
        return is_spent or (self.until is not None and self.until <= now)

    def left_s(self, now: datetime) -> int:
        return 0 if self.until is None else max(0, math.ceil((self.until - now).total_seconds()))

    def as_met(self, now: datetime) -> Fault:
        return self.fault if self.until is None else replace(self.fault, retry_after_s=self.left_s(now))


@dataclass(slots=True)
class Faults:
    """Taken in the order they were laid; the same seed and the same requests meet the same faults."""

    dice: Random
    clock: Clock
    laid: list[_Laid] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def lay(self, fault: Fault) -> None:
        until = self.clock.now() + timedelta(seconds=fault.lasts_s) if fault.lasts_s else None
        with self._lock:
            self.laid.append(_Laid(fault, until))

    def clear(self) -> None:
        with self._lock:
            self.laid.clear()

    def standing(self) -> list[Json]:
        with self._lock:
            now = self._forget_what_is_over()
            return [{**asdict(each.fault), "met": each.met, "left_s": each.left_s(now)} for each in self.laid]

    def take(self, asked: Asked) -> Fault | None:
        with self._lock:
            now = self._forget_what_is_over()
            for each in self.laid:
                if each.fault.meets(asked) and self._meets_now(each):
                    each.met += 1
                    return each.as_met(now)
        return None

    def _forget_what_is_over(self) -> datetime:
        now = self.clock.now()
        self.laid = [one for one in self.laid if not one.is_over(now)]
        return now

    def _meets_now(self, each: _Laid) -> bool:
        if each.skipped < each.fault.skip:
            each.skipped += 1
            return False
        return each.fault.percent >= 100 or self.dice.uniform(0, 100) < each.fault.percent


def storm(seconds_until_free: int, count: int = FOR_EVER) -> Fault:
    """Every request is over the limit."""
    return Fault(count=count, status=429, retry_after_s=seconds_until_free)


def lost_answer(method: str, path: str, count: int = 1) -> Fault:
    """The write is carried out and the caller never hears of it."""
    return Fault(methods=(method,), path=path, count=count, cut=True, applied=True)
