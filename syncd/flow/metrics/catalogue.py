"""Every series there is, with its labels and what it says: what is told over /metrics, and the page of reference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Series:
    """A name, and what its numbers are told apart by."""

    name: str
    kind: Kind
    labels: Sequence[str]
    says: str


@dataclass(frozen=True, slots=True)
class Sample:
    labels: Mapping[str, str]
    value: float
    suffix: str = ""  # a histogram has several numbers for one


@dataclass(frozen=True, slots=True)
class Family:
    series: Series
    samples: Sequence[Sample] = field(default_factory=tuple)


DELIVERIES = Series(
    "syncd_deliveries_total",
    Kind.COUNTER,
    ("direction", "change", "outcome"),
    "Rows of deliveries: every attempt, and every decision not to act.",
)
ATTEMPTS = Series(
    "syncd_attempts_total",
    Kind.COUNTER,
    ("direction", "status_class"),
    "Attempts that made a request, by the class of the last answer; none: there was no answer.",
)
LAG = Series(
    "syncd_lag_seconds",
    Kind.HISTOGRAM,
    ("direction",),
    "How long it took from a change's coming in to its being made on the other side.",
)
WEBHOOKS = Series(
    "syncd_webhooks_total",
    Kind.COUNTER,
    ("source", "result"),
    "What came in: taken, repeated (known already), rejected (no valid signature; a flood beyond 60 rows a minute counts as one).",
)
PENDING = Series(
    "syncd_pending_changes",
    Kind.GAUGE,
    ("direction", "state"),
    "Changes on their way (waiting, sending), kept (held), refused for good and not dealt with (dead).",
)
PENDING_HOOKS = Series("syncd_pending_hooks", Kind.GAUGE, (), "Hooks that were taken and nobody has planned yet.")
OLDEST = Series(
    "syncd_oldest_pending_seconds",
    Kind.GAUGE,
    (),
    "How long the change has waited that waits longest, of those that nothing holds; 0: none waits.",
)
OLDEST_HELD = Series(
    "syncd_oldest_held_seconds", Kind.GAUGE, (), "How long the oldest change has been kept that something holds."
)
INTEGRATION_UP = Series(
    "syncd_integration_up", Kind.GAUGE, ("integration",), "1: the account is connected; 0: it is disconnected."
)
INTEGRATION_PAUSED = Series(
    "syncd_integration_paused", Kind.GAUGE, ("integration",), "1: a person has paused the account, or only observes it."
)
RATELIMIT = Series(
    "syncd_ratelimit_remaining",
    Kind.GAUGE,
    ("integration",),
    "How many requests for a status may go out to the account at this moment, of all its workers together.",
)
LINKS = Series("syncd_links", Kind.GAUGE, ("state",), "Links, by their state.")
CONFLICTS = Series("syncd_conflicts", Kind.GAUGE, (), "Links with a field that waits for a person to decide.")
TROUBLES = Series(
    "syncd_subscription_troubles",
    Kind.GAUGE,
    ("integration",),
    "Webhook subscriptions of the account that the guardian found something wrong with.",
)
FINDINGS = Series("syncd_findings", Kind.GAUGE, (), "Things to do that `syncd status` names.")
PARTS = Series(
    "syncd_parts", Kind.GAUGE, ("part",), "Instances of each part that gave a sign of life in the last minute."
)
TICK = Series(
    "syncd_beat_last_tick_timestamp_seconds",
    Kind.GAUGE,
    (),
    "When the beat was heard last, in seconds since 1970; 0: never.",
)
BUILD = Series("syncd_build_info", Kind.GAUGE, ("version",), "Always 1: the release that tells all this.")

CATALOGUE = (
    DELIVERIES,
    ATTEMPTS,
    LAG,
    WEBHOOKS,
    PENDING,
    PENDING_HOOKS,
    OLDEST,
    OLDEST_HELD,
    INTEGRATION_UP,
    INTEGRATION_PAUSED,
    RATELIMIT,
    LINKS,
    CONFLICTS,
    TROUBLES,
    FINDINGS,
    PARTS,
    TICK,
    BUILD,
)


def named(series: Series, numbers: Mapping[tuple[str, ...], float]) -> Family:
    """By the words of its labels, in their order."""
    return Family(series, [Sample(dict(zip(series.labels, key, strict=True)), numbers[key]) for key in sorted(numbers)])


def alone(series: Series, value: float) -> Family:
    return Family(series, (Sample({}, value),))


def names() -> Iterator[str]:
    """As they stand behind each other at /metrics."""
    for one in CATALOGUE:
        suffixes = ("_bucket", "_sum", "_count") if one.kind is Kind.HISTOGRAM else ("",)
        yield from (f"{one.name}{suffix}" for suffix in suffixes)
