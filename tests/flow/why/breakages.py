"""Ways in which a system that runs is broken: by whoever really breaks it, and what has to be done besides the command that `why` names."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from syncd.core.why.gate import Gate
from syncd.core.why.verdict import Who
from syncd.flow.catchup import reconcile
from syncd.flow.orders import choosing, pausing, restraint, two_way
from syncd.simulator import KEYS, Fault
from syncd.simulator.account import Key, Priority
from tests.connections.site import ACME
from tests.flow.why.whole import ANA, Whole

BEN, ANOTHER_KEY = "Ben Osei", "u+anotherkey00000000"
NOTES = "/incidents/*/notes"
Act = Callable[[Whole], object]


class Lies(IntEnum):
    """Where; what of a link is told first is told in docs/why.md."""

    IN_A_CHANGE = 0  # that is still to be made, or was refused
    ANYWHERE = 1  # it stops a change that is on its way as well as one that has not come yet
    ELSEWHERE = 2  # it lets pass what is on its way
    IN_WHAT_WAS_KEPT_BACK = 3


@dataclass(frozen=True, slots=True)
class Breakage:
    gate: Gate
    says: str  # a part of the sentence that no other has
    happens: Act
    command: str = ""  # that the answer names; {case} and so on stand for what differs from time to time
    code: str = ""
    who: Who = Who.YOU
    lies: Lies = Lies.ANYWHERE
    outside: Act = lambda _: None  # what is mended elsewhere, before the command is given
    secret: str = ""  # that the command asks for
    passes: float = 61.0  # seconds, until it is looked at again
    about: str = "CS-1"
    filled: Mapping[str, str] = field(default_factory=dict)  # what a person puts in place of a word of the command
    besides: str = ""  # what a person adds to the command
    afterwards: Act = lambda _: None  # what a worker does by itself once it is mended
    goes_on: bool = False  # the command starts what runs until it is stopped
    stays: str = ""  # why it cannot be mended, or not by what a test can do

    def typed(self, command: str) -> str:
        """With what a person puts in place of its words."""
        return " ".join(shlex.quote(self.filled.get(word, word)) for word in shlex.split(command))


def comment(whole: Whole) -> None:
    whole.cases.comment("CS-1", ANA, "Looking")
    whole.settle()


def _switch_off(whole: Whole) -> None:
    assert two_way.switch(whole.site.db, ACME, is_on=False, by="Ana")


def _revoke(whole: Whole) -> None:
    """Whatever waits for another try has found out by then."""
    whole.people.revoke(KEYS.full)
    comment(whole)
    whole.wait(71)


def make_key(whole: Whole) -> None:
    whole.site.pagerduty.account.keys[ANOTHER_KEY] = Key(ANOTHER_KEY)


def _pause_account(whole: Whole) -> None:
    restraint.pause(whole.site.db, ACME, by="Ana", why="a move")


def _pause_link(whole: Whole) -> None:
    pausing.pause(whole.site.db, 1, by="Ana", why="maintenance")


def _observe(whole: Whole) -> None:
    restraint.observe(whole.site.db, ACME, by="Ana")


def _delete_subscription(whole: Whole) -> None:
    whole.site.there.clear()
    look(whole)


def _point_elsewhere(whole: Whole) -> None:
    for one in whole.site.there.values():
        one.url = "https://old.test/hooks/acme"
    look(whole)


def look(whole: Whole) -> None:
    """As a worker does every five minutes: at the webhook, and for what was missed; and what is due meanwhile."""
    site = whole.site
    site.look()
    whole.settle()
    reconcile.work_off(reconcile.Worker(site.db, site.connections, site.clock, lambda _: None, lambda _: False))
    whole.settle()


def _close(whole: Whole) -> None:
    whole.cases.close("CS-1", ANA)
    whole.settle()


def _reopen(whole: Whole) -> None:
    whole.cases.reopen("CS-1", ANA)


def _change_both(whole: Whole) -> None:
    choosing.choose(whole.site.db, "payments", {"priority": "manual"}, by="Ana")
    whole.cases.set_priority("CS-1", ANA, "P1")
    whole.people.priority(whole.incident.id, "P4", BEN)
    whole.settle()


def _limit(whole: Whole) -> None:
    whole.site.pagerduty.faults.lay(Fault(count=0, methods=("POST",), path=NOTES, status=429, retry_after_s=40))
    comment(whole)


def calm(whole: Whole) -> None:
    whole.site.pagerduty.faults.clear()


def _refuse(whole: Whole) -> None:
    refused = Fault(methods=("POST",), path=NOTES, status=400, code=2001, message="Content is too long.")
    whole.site.pagerduty.faults.lay(refused)
    comment(whole)


def _set_unmapped(whole: Whole) -> None:
    whole.site.pagerduty.account.priorities["PPX"] = Priority("PPX", "Board", "of the board")
    whole.people.priority(whole.incident.id, "PPX", BEN)
    whole.settle()


#: Of a link that stands: each may come with each other one.
BREAKAGES: Mapping[str, Breakage] = {
    "two-way sync switched off": Breakage(
        Gate.SWITCHED_ON,
        "Two-way sync of acme is off",
        _switch_off,
        "syncd integrations two-way acme on",
        lies=Lies.ELSEWHERE,
    ),
    "key revoked": Breakage(
        Gate.CONNECTED,
        "(PAG-100-B)",
        _revoke,
        "syncd integrations rotate acme",
        "PAG-100-B",
        lies=Lies.IN_A_CHANGE,
        outside=make_key,
        secret=ANOTHER_KEY,
    ),
    "account paused": Breakage(
        Gate.CONNECTED, "Integration acme is paused by Ana: a move", _pause_account, "syncd integrations resume acme"
    ),
    "link paused": Breakage(Gate.CONNECTED, "The link of CS-1 is paused by Ana", _pause_link, "syncd links resume 1"),
    "account only observed": Breakage(
        Gate.CONNECTED, "acme is only observed", _observe, "syncd integrations observe acme --off"
    ),
    "subscription deleted": Breakage(
        Gate.HEARD,
        "was deleted in PagerDuty",
        _delete_subscription,
        "syncd integrations webhook acme --create",
        "SYN-HOOK-SUBSCRIPTION",
        lies=Lies.ELSEWHERE,
    ),
    "subscription pointed elsewhere": Breakage(
        Gate.HEARD,
        "sends to https://old.test",
        _point_elsewhere,
        "syncd integrations webhook acme --rotate",
        "SYN-HOOK-SUBSCRIPTION",
        lies=Lies.ELSEWHERE,
    ),
    "case closed": Breakage(Gate.STATE, "CS-1 is closed", _close, who=Who.NOBODY, lies=Lies.ELSEWHERE, outside=_reopen),
    "conflict": Breakage(
        Gate.IN_ORDER,
        "Both sides changed the priority at once",
        _change_both,
        "syncd conflicts resolve 1 priority --to case",
        lies=Lies.ELSEWHERE,
    ),
    "refused for good": Breakage(
        Gate.DELIVERED,
        "refused for good",
        _refuse,
        "syncd deliveries replay {delivery} --yes",
        lies=Lies.IN_A_CHANGE,
    ),
    "rate limited": Breakage(
        Gate.DELIVERED,
        "takes no more requests for now (rate limited)",
        _limit,
        code="SYN-PAG-BUSY",
        who=Who.NOBODY,
        lies=Lies.IN_A_CHANGE,
        outside=calm,
        passes=120.0,
    ),
    "priority that is not mapped": Breakage(
        Gate.MAPPED,
        "Priority Board of acme has no counterpart in cases (connector payments)",
        _set_unmapped,
        "syncd mappings set payments P1=P1 P2=P2 P3=P3 P4=P4 P5=P5 PRIORITY=PPX",
        lies=Lies.IN_WHAT_WAS_KEPT_BACK,
        outside=lambda whole: whole.people.priority(whole.incident.id, "P3", BEN),
        filled={"PRIORITY=PPX": "P3=PPX"},
    ),
}
#: The one leaves no room for the other.
APART = (
    {"subscription deleted", "subscription pointed elsewhere"},  # there is one
    {"key revoked", "rate limited"},  # who is told to wait is not told that the key is no more
    {"conflict", "priority that is not mapped"},  # of one field the last change counts
)
