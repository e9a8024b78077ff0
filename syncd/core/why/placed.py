"""At which gate each reason of a row stops its change, who acts on it, and what helps: one row for each reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from syncd.core.reasons import Reason
from syncd.core.routing import OF_EVIDENCE

from .gate import Gate
from .verdict import Who

_YOU, _THEY, _NOBODY = Who.YOU, Who.PAGERDUTY, Who.NOBODY
_REPLAY = "Once that is mended: `syncd deliveries replay {delivery} --yes`."
_BY_HAND = "Make it by hand on the other side, if it is wanted there."
_REPLAYED = "`syncd deliveries replay {delivery} --yes`"
_ROUTE = "Say where its cases go: `syncd routes add` or `syncd connectors add`"
_ANOTHER_CASE = "open another case for what is still to be done."
_ON_CALL = "Put somebody on call for the service in PagerDuty."
_WRITE_AGAIN = "`syncd integrations observe {account} --off` has it written to again"
_MAP = (
    "Give it one: `syncd mappings set {connector} {pairs}` (all of them, since what is left out is not mapped; put the right one in "
    "the place of {missing}), and it is looked at again"
)
_PRIORITIES = (
    "Enable it in PagerDuty under Settings, Incident Priorities, or make the connector anew with one that is there."
)
_RIGHT = "Give the credential that right, or another: `syncd integrations rotate {account}`."


@dataclass(frozen=True, slots=True)
class Place:
    gate: Gate
    who: Who = _NOBODY
    remedy: str = ""  # {delivery} and {account} are put in
    otherwise: str = ""  # the remedy where it names a delivery and there is none
    is_missed: bool = False  # decided like this, the two sides differ, so that a link is not in step by it
    code: str = ""


PLACES: Mapping[Reason, Place] = {
    Reason.UNLINKED: Place(
        Gate.LINKED,
        _NOBODY,
        "syncd only follows incidents that a case has opened: open a case for it, if one is wanted.",
    ),
    Reason.NOT_OURS: Place(Gate.LINKED, _YOU, "See which source keeps this record: `syncd links list`."),
    Reason.NO_CONNECTOR: Place(
        Gate.LINKED,
        _YOU,
        f"{_ROUTE}; then {_REPLAYED}.",
        otherwise=f"{_ROUTE}; then {_ANOTHER_CASE}",
    ),
    Reason.NO_ROUTE: Place(
        Gate.LINKED,
        _YOU,
        "`syncd routes explain {case}` says why of each rule; add one by `syncd routes add`, and then `syncd deliveries replay "
        "{delivery} --yes`.",
        otherwise="`syncd routes explain {case}` says why of each rule; add one by `syncd routes add`, and then "
        + _ANOTHER_CASE,
    ),
    Reason.OF_EVIDENCE: Place(
        Gate.LINKED,
        _NOBODY,
        f"Should an incident be opened for such cases, add a rule that names the source {OF_EVIDENCE} by `syncd routes add`; then "
        f"{_REPLAYED}.",
        otherwise=f"Should an incident be opened for such cases, add a rule that names the source {OF_EVIDENCE}: `syncd routes add`.",
    ),
    Reason.OPENING: Place(Gate.LINKED, _NOBODY, "It is decided by itself, as soon as it is known how that ended."),
    Reason.CASE_OVER: Place(Gate.LINKED, _NOBODY, "Should the case be reopened, an incident is opened for it."),
    Reason.LINK_FAILED: Place(Gate.LINKED, _YOU, "See why no incident was opened: `syncd links list --state failed`."),
    Reason.NOBODY_ON_CALL: Place(
        Gate.LINKED, _YOU, f"{_ON_CALL} {_REPLAY}", otherwise=f"{_ON_CALL} Then {_ANOTHER_CASE}", is_missed=True
    ),
    Reason.REMOVED: Place(
        Gate.LINKED,
        _YOU,
        "Deal with its incident itself, where one stands there still; else open another case for what is still to be done.",
    ),
    Reason.ONE_WAY: Place(
        Gate.SWITCHED_ON,
        _YOU,
        "A service key takes no more than open, acknowledge and resolve; for the cases to come make a connector that syncs both "
        "ways: `syncd connectors add`.",
        is_missed=True,
    ),
    Reason.SYNC_OFF: Place(
        Gate.SWITCHED_ON,
        _YOU,
        "`syncd integrations two-way {account} on` switches it on, and what happened meanwhile is brought over.",
        is_missed=True,
    ),
    Reason.READ_ONLY: Place(
        Gate.SWITCHED_ON, _YOU, "Give it a key that may write: `syncd integrations rotate {account}`.", is_missed=True
    ),
    Reason.DISCONNECTED: Place(Gate.CONNECTED, _YOU, "See what its account says: `syncd integrations test {account}`."),
    Reason.PAUSED: Place(Gate.CONNECTED, _YOU, "See who paused what: `syncd status`."),
    Reason.LOOPING: Place(Gate.CONNECTED, _YOU, "Mend one of the two automations, then `syncd links resume {link}`."),
    Reason.ASKED_BEFORE: Place(Gate.CONNECTED, _YOU, f"{_WRITE_AGAIN}."),
    Reason.OBSERVING: Place(
        Gate.CONNECTED,
        _YOU,
        f"{_WRITE_AGAIN}; a comment or an opening then is made by {_REPLAYED}.",
        otherwise=f"{_WRITE_AGAIN}; a comment or an opening then is yours to make.",
        is_missed=True,
    ),
    Reason.RESTORED: Place(Gate.CONNECTED, _NOBODY, "It goes on by itself; `syncd status` tells how far it is."),
    Reason.BAD_SIGNATURE: Place(
        Gate.HEARD, _YOU, "Give the secret that its webhook signs with: `syncd integrations webhook {account}`."
    ),
    Reason.DUPLICATE: Place(Gate.HEARD),
    Reason.UNREADABLE: Place(
        Gate.HEARD,
        _YOU,
        "Report it, with `syncd deliveries show {delivery}`.",
        otherwise="Report it, with the log of the time it came in.",
        is_missed=True,
    ),
    Reason.UNKNOWN_TYPE: Place(Gate.HEARD),
    Reason.PING: Place(Gate.HEARD),
    Reason.SUBSCRIPTION_DISABLED: Place(Gate.HEARD, _NOBODY, "A worker enables it again, and looks for what was lost."),
    Reason.SUBSCRIPTION_DIFFERS: Place(Gate.HEARD, _NOBODY, "A worker puts it right within minutes."),
    Reason.SUBSCRIPTION_GONE: Place(
        Gate.HEARD, _YOU, "Have another one made: `syncd integrations webhook {account} --create`."
    ),
    Reason.SUBSCRIPTION_ELSEWHERE: Place(
        Gate.HEARD, _YOU, "Have it made anew: `syncd integrations webhook {account} --rotate`."
    ),
    Reason.SUBSCRIPTION_SILENT: Place(
        Gate.HEARD, _YOU, "See that a receiver runs, and that the subscription's address leads to it from the internet."
    ),
    Reason.ECHO: Place(Gate.NEWS),
    Reason.FORGOTTEN: Place(Gate.NEWS),
    Reason.REOPENED_BY_US: Place(Gate.NEWS, _YOU, "Tell whoever was paged; there is nothing else to do."),
    Reason.CASE_CLOSED: Place(
        Gate.STATE, _NOBODY, "Reopen the case if it is to follow its incident again.", is_missed=True
    ),
    Reason.WOULD_REOPEN: Place(
        Gate.STATE, _NOBODY, "Reopen the incident in PagerDuty, if work on it goes on.", is_missed=True
    ),
    Reason.MERGED: Place(Gate.STATE, _YOU, "Resolve the case by hand, if the other incident has ended it."),
    Reason.NOT_MAPPED: Place(
        Gate.MAPPED,
        _YOU,
        f"{_MAP}; {_REPLAYED} then does so at once.",
        otherwise=f"{_MAP}.",
        is_missed=True,
    ),
    Reason.UNKNOWN_PRIORITY: Place(
        Gate.MAPPED,
        _YOU,
        f"{_PRIORITIES} {_REPLAY}",
        otherwise=f"{_PRIORITIES} {_BY_HAND}",
        is_missed=True,
        code="SYN-PAG-PRIORITIES",
    ),
    Reason.BY_POLICY: Place(
        Gate.MAPPED,
        _YOU,
        "Your connector's policy says so: `syncd connectors policy {connector}` shows and changes it.",
        is_missed=True,
    ),
    Reason.CONFLICT: Place(Gate.IN_ORDER, _YOU, "See what it waits for: `syncd conflicts list`."),
    Reason.PARKED: Place(
        Gate.IN_ORDER,
        _YOU,
        "`syncd deliveries replay {delivery} --yes` takes it up again.",
        otherwise=_BY_HAND,
        is_missed=True,
    ),
    Reason.STALE: Place(Gate.IN_ORDER),
    Reason.SUPERSEDED: Place(Gate.IN_ORDER),
    Reason.OVERRULED: Place(Gate.IN_ORDER),
    Reason.ON_ITS_WAY: Place(Gate.IN_ORDER, _NOBODY, "It goes out by itself."),
    Reason.PASSED: Place(Gate.IN_ORDER, _NOBODY, "It is tried again by itself."),
    Reason.RATE_LIMITED: Place(Gate.DELIVERED, _NOBODY, "There is nothing to do.", code="SYN-PAG-BUSY"),
    Reason.UNREACHABLE: Place(
        Gate.DELIVERED,
        _YOU,
        "See that this machine reaches the address: `syncd doctor`; it is tried again by itself.",
    ),
    Reason.OFF_LIMITS: Place(
        Gate.DELIVERED,
        _YOU,
        "Open its address by SYNCD_OUTGOING_ALLOW where the workers run, and start them anew; it is tried again then.",
    ),
    Reason.AMBIGUOUS: Place(Gate.DELIVERED, _NOBODY, "The next attempt looks first whether it was made."),
    Reason.WORKER_LOST: Place(Gate.DELIVERED, _NOBODY, "The next attempt looks first whether it was made."),
    Reason.OUTDATED: Place(Gate.DELIVERED, _NOBODY, "It is read again and decided anew by itself."),
    Reason.UNKNOWN_SENDER: Place(
        Gate.DELIVERED,
        _YOU,
        "Let that user respond to this incident in PagerDuty; it is tried again by itself.",
    ),
    Reason.REFUSED: Place(
        Gate.DELIVERED, _YOU, f"Mend what it names. {_REPLAY} {_BY_HAND}", otherwise=_BY_HAND, is_missed=True
    ),
    Reason.FORBIDDEN: Place(
        Gate.DELIVERED,
        _YOU,
        f"{_RIGHT} {_REPLAY}",
        otherwise=f"{_RIGHT} {_BY_HAND}",
        is_missed=True,
    ),
    Reason.GONE: Place(
        Gate.DELIVERED, _YOU, "The record was deleted over there; open another case, if work goes on.", is_missed=True
    ),
    Reason.BROKEN: Place(Gate.DELIVERED, _YOU, "Report it, with the traceback from the log; it is tried again."),
    Reason.LATE: Place(
        Gate.DELIVERED,
        _YOU,
        "Take away by hand what stands twice: `syncd deliveries show {delivery}`.",
        otherwise="Take away by hand what stands twice.",
    ),
    Reason.DIAGNOSED: Place(Gate.CONNECTED, _YOU, "See what the key may not do: `syncd doctor`."),
    # What stops nothing: the change was made, or there was nothing left to make.
    **{
        reason: Place(Gate.IN_STEP)
        for reason in (
            Reason.CHANGED,
            Reason.NOTED,
            Reason.ADOPTED,
            Reason.WRITTEN_LATE,
            Reason.SUBSCRIPTION_ENABLED,
            Reason.SUBSCRIPTION_MENDED,
            Reason.CHOSEN,
            Reason.RULES_CHANGED,
            Reason.DIAGNOSED_WELL,
            Reason.UNCHANGED,
            Reason.IN_STEP,
            Reason.NOT_NEEDED,
            Reason.AGREED,
        )
    },
}
