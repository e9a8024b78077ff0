"""What can be wrong with a webhook subscription that we made: what it should be, compared with what PagerDuty says it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from syncd.core.reasons import Reason
from syncd.systems.pagerduty.account import Subscription, missing_events

#: While one of these stands its hooks do not come, unless another subscription of ours sends the same.
STANDING = frozenset(
    {
        Reason.SUBSCRIPTION_DISABLED,
        Reason.SUBSCRIPTION_DIFFERS,
        Reason.SUBSCRIPTION_GONE,
        Reason.SUBSCRIPTION_ELSEWHERE,
    }
)
_LOSING = STANDING | {Reason.SUBSCRIPTION_SILENT}
_SENT_BY_OTHERS = STANDING - {Reason.SUBSCRIPTION_DISABLED}  # hooks were refused here, so another's were as well
_OF_THE_ACCOUNT = "account_reference"
_FOR_A_PERSON = "It cannot be put right from here"
MENDED_BY_US = frozenset({Reason.SUBSCRIPTION_DISABLED, Reason.SUBSCRIPTION_DIFFERS})


@dataclass(frozen=True, slots=True)
class Trouble:
    reason: Reason
    subscription: str
    detail: str
    since: datetime  # seen first

    @property
    def key(self) -> tuple[Reason, str]:
        return self.reason, self.subscription

    @property
    def is_mended_by_us(self) -> bool:
        """A worker does it by itself, and nothing has kept it from doing so."""
        return self.reason in MENDED_BY_US and _FOR_A_PERSON not in self.detail

    def refused(self, why: str) -> Trouble:
        return replace(self, detail=f"{self.detail} {_FOR_A_PERSON}: {why}")

    def as_json(self) -> Mapping[str, str]:
        return {
            "reason": self.reason,
            "subscription": self.subscription,
            "detail": self.detail,
            "since": self.since.isoformat(),
        }


def from_json(kept: Iterable[Mapping[str, str]]) -> list[Trouble]:
    return [
        Trouble(Reason(one["reason"]), one["subscription"], one["detail"], datetime.fromisoformat(one["since"]))
        for one in kept
    ]


def compare(ours: Iterable[str], there: Mapping[str, Subscription], url: str, now: datetime) -> Iterator[Trouble]:
    """Without an address of our own nothing is said about theirs."""
    for name in ours:
        if name in there:
            yield from _of_one(there[name], url, now)
        else:
            yield Trouble(Reason.SUBSCRIPTION_GONE, name, f"Webhook subscription {name} was deleted in PagerDuty.", now)


def _of_one(one: Subscription, url: str, now: datetime) -> Iterator[Trouble]:
    which = f"Webhook subscription {one.id}"
    if one.is_disabled_by_pagerduty:
        said = f"{which} was disabled by PagerDuty for a day, because three hooks in a row were refused here."
        yield Trouble(Reason.SUBSCRIPTION_DISABLED, one.id, said, now)
    if not one.is_active:
        yield Trouble(Reason.SUBSCRIPTION_DIFFERS, one.id, f"{which} was switched off in PagerDuty.", now)
    elif missing := missing_events(one):
        said = f"{which} does not ask for {', '.join(missing)}."
        yield Trouble(Reason.SUBSCRIPTION_DIFFERS, one.id, said, now)
    if url and one.url != url:
        said = f"{which} sends to {one.url}, and this daemon is reached at {url}."
        yield Trouble(Reason.SUBSCRIPTION_ELSEWHERE, one.id, said, now)


def losing(ours: Iterable[str], there: Mapping[str, Subscription], troubles: Sequence[Trouble]) -> list[Trouble]:
    """Those whose hooks nobody sends."""
    failing = {one.subscription for one in troubles if one.reason in _LOSING}
    sending = [there[name] for name in ours if name in there and name not in failing]
    return [one for one in troubles if one.reason in _LOSING and not _is_sent_by_another(one, there, sending)]


def _is_sent_by_another(one: Trouble, there: Mapping[str, Subscription], sending: Iterable[Subscription]) -> bool:
    """What a deleted one sent is not known any more: as much as one can."""
    its = there.get(one.subscription)
    filters = {_OF_THE_ACCOUNT} if its is None else {_OF_THE_ACCOUNT, its.filter_id}
    return one.reason in _SENT_BY_OTHERS and any({it.filter_type, it.filter_id} & filters for it in sending)
