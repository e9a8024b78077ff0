"""The budget of all processes, kept in Redis or Valkey by a script that runs there in one step. It raises what redis-py raises."""

from __future__ import annotations

from importlib.resources import files

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, RedisError
from redis.retry import Retry

from syncd.budget.allowance import Allowance
from syncd.budget.lane import Lane
from syncd.budget.meter import until_us
from syncd.clock import Clock

QUICK = 1.0  # seconds one exchange may take
UNREACHABLE = (RedisError, OSError)
_SCRIPT = files("syncd.budget").joinpath("meter.lua").read_text(encoding="utf-8")


class SharedBudget:
    def __init__(self, redis_url: str, prefix: str = "", clock: Clock | None = None) -> None:
        """Made after the fork, because connections do not survive one. Without a clock the server's own counts."""
        self._redis = Redis.from_url(
            redis_url,
            socket_timeout=QUICK,
            socket_connect_timeout=QUICK,
            # Once more and at once: the first word after the server was restarted goes into a dead socket.
            retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        )
        self._prefix = prefix
        self._clock = clock
        self._sha = self._redis.register_script(_SCRIPT).sha

    def take(self, allowance: Allowance, lane: Lane, cost: int = 1) -> float:
        allowance.check(cost)
        return self._ask("take", allowance, lane, cost) / 1_000_000

    def room(self, allowance: Allowance, lane: Lane) -> int:
        return self._ask("room", allowance, lane)

    def learn(self, allowance: Allowance, limit: int, remaining: int, reset_s: float) -> None:
        self._ask("learn", allowance, Lane.STATUS, max(0, limit), max(0, remaining), until_us(reset_s))

    def exhausted(self, allowance: Allowance, reset_s: float) -> None:
        self._ask("exhausted", allowance, Lane.STATUS, until_us(reset_s))

    def close(self) -> None:
        self._redis.close()

    def _ask(self, act: str, allowance: Allowance, lane: Lane, *rest: int) -> int:
        now = "" if self._clock is None else str(round(self._clock.monotonic() * 1_000_000))
        numbers = (allowance.limit, allowance.pace_us, allowance.burst, allowance.depth(lane))
        asked = (f"{self._prefix}syncd:budget:{allowance.key}", act, *map(str, numbers), now, *map(str, rest))
        try:
            return int(self._redis.evalsha(self._sha, 1, *asked))
        except NoScriptError:  # A server that was restarted has forgotten it.
            return int(self._redis.eval(_SCRIPT, 1, *asked))
