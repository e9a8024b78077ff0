"""What setting up an integration asks of PagerDuty: its services, priorities, people, webhook subscriptions, and what a key is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from syncd.core.diagnostics import CATALOGUE
from syncd.core.reasons import Reason
from syncd.errors import ReadOnly, Refused, UnknownSender, cause_of
from syncd.systems.document import pick, pick_list, pick_name, pick_text
from syncd.systems.http import Http, segment
from syncd.systems.port import Problem
from syncd.systems.trip import Trip

from .client import PAGE, pages
from .events import ACTED_UPON
from .fault import LOST_ACCESS

_CANNOT_RESPOND = {"read_only_user", "read_only_limited_user", "observer"}
_NO_INCIDENT = "syncd-may-write"  # Theirs are of capitals and digits.
_WRITING_CURE = "make one in PagerDuty under Integrations, API Access Keys, without Read-only, and give it instead"


class KeyKind(StrEnum):
    ACCOUNT = "account"  # tied to the account: our writes are made by the From user
    USER = "user"  # tied to a person, and gone with them


@dataclass(frozen=True, slots=True)
class Service:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Priority:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class EscalationPolicy:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class User:
    id: str
    name: str
    email: str
    role: str
    page: str = ""  # for people; it names the account

    @property
    def can_respond(self) -> bool:
        return self.role not in _CANNOT_RESPOND


@dataclass(frozen=True, slots=True)
class Subscription:
    """`secret` is told once, when it is made."""

    id: str
    url: str
    filter_type: str
    filter_id: str
    events: tuple[str, ...]
    is_active: bool
    is_disabled_by_pagerduty: bool
    description: str = ""
    secret: str = field(default="", repr=False)


def list_services(http: Http, trip: Trip) -> Sequence[Service]:
    return [Service(pick_name(it, "id"), pick_text(it, "name")) for it in pages(http, trip, "/services", "services")]


def list_priorities(http: Http, trip: Trip) -> tuple[Sequence[Priority], Problem | None]:
    """From most to least severe. An account without the feature has none, and that is worth saying."""
    try:
        found = list(pages(http, trip, "/priorities", "priorities"))
    except Refused as refused:
        if refused.status != 402:
            raise
        return [], Problem("no_priorities", "This PagerDuty account has no priorities; they are left out of the sync.")
    return [Priority(pick_name(it, "id"), pick_text(it, "name") or pick_text(it, "summary")) for it in found], None


def list_policies(http: Http, trip: Trip) -> Sequence[EscalationPolicy]:
    found = pages(http, trip, "/escalation_policies", "escalation_policies")
    return [EscalationPolicy(pick_name(it, "id"), pick_text(it, "name") or pick_text(it, "summary")) for it in found]


def list_abilities(http: Http, trip: Trip) -> Sequence[str]:
    """What the account's plan has. A key that may not ask for it is as good as any: they are only shown."""
    try:
        found = pick_list(http.send(trip, "GET", "/abilities").document(), "abilities")
    except Refused as refused:
        if refused.status not in {402, 403}:
            raise
        return []
    return sorted(one for one in found if isinstance(one, str))


def list_users(http: Http, trip: Trip) -> Sequence[User]:
    return [_user(it) for it in pages(http, trip, "/users", "users")]


def find_user(http: Http, trip: Trip, email: str) -> User | None:
    return called(list_users(http, trip), email)


def search_users(http: Http, trip: Trip, words: str) -> Sequence[User]:
    """PagerDuty looks for them in names, and perhaps in addresses: one page of what it finds."""
    answer = http.send(trip, "GET", "/users", params={"query": words, "limit": PAGE})
    found = pick_list(answer.document(), "users")
    return [_user(it) for it in found]


def called(users: Sequence[User], email: str) -> User | None:
    """PagerDuty's own search looks at names, so every user is looked at here."""
    wanted = email.strip().casefold()
    return next((one for one in users if one.email.casefold() == wanted), None)


def get_user(http: Http, trip: Trip, user_id: str) -> User:
    return _user(pick(http.send(trip, "GET", f"/users/{segment(user_id)}").document(), "user"))


def whose_key(http: Http, trip: Trip) -> tuple[KeyKind, User | None]:
    """An account key cannot say who it is: PagerDuty answers 400."""
    kind, told = whose_key_as_told(http, trip)
    return kind, None if kind is KeyKind.ACCOUNT else _user(told)


def whose_key_as_told(http: Http, trip: Trip) -> tuple[KeyKind, object]:
    """With the whole user, as PagerDuty tells them."""
    try:
        answer = http.send(trip, "GET", "/users/me").document()
    except Refused as refused:
        if refused.status != 400:
            raise
        return KeyKind.ACCOUNT, None
    return KeyKind.USER, pick(answer, "user")


def refuse_reader(http: Http, trip: Trip, slug: str = "NAME") -> None:
    """`slug`: what its account is called here, for the command that helps. Raise ReadOnly if this key may not write: it is told so before anybody looks whether the incident is there.

    No incident has this id, so that nothing is changed; to a key that may write PagerDuty answers that it is not there.
    """
    try:
        http.send(trip, "PUT", f"/incidents/{_NO_INCIDENT}", json={"incident": {"type": "incident_reference"}})
    except UnknownSender:
        return  # The key was accepted for writing; whether the user is, is asked elsewhere.
    except Refused as refused:
        if refused.reason == Reason.FORBIDDEN and refused.code != LOST_ACCESS:
            raise ReadOnly(
                _only_reads(cause_of(str(refused)), slug, is_by_oauth=http.has_bearer),
                status=refused.status,
                code=refused.code,
            ) from refused


def _only_reads(cause: str, slug: str, *, is_by_oauth: bool) -> str:
    if not is_by_oauth:
        return f"This API key may only read ({cause}); {_WRITING_CURE}."
    cure = CATALOGUE["SYN-PAG-READONLY"].cured(slug, is_by_oauth=True)
    return f"This OAuth token may only read ({cause}); {cure[:1].lower()}{cure[1:]}"


def create_subscription(
    http: Http,
    trip: Trip,
    url: str,
    filter_id: str,
    description: str,
    *,
    filter_type: str = "service_reference",
    is_active: bool = True,
) -> Subscription:
    """For the events of one service or team; of the whole account when `filter_id` is empty. One that is not active sends pings."""
    chosen = {"type": filter_type, "id": filter_id} if filter_id else {"type": "account_reference"}
    wanted = {
        "type": "webhook_subscription",
        "delivery_method": {"type": "http_delivery_method", "url": url},
        "description": description,
        "events": list(ACTED_UPON),
        "filter": chosen,
        "active": is_active,
    }
    answer = http.send(trip, "POST", "/webhook_subscriptions", json={"webhook_subscription": wanted})
    made = _subscription(pick(answer.document(), "webhook_subscription"))
    if not made.id:
        raise answer.unreadable("it does not name the new subscription")
    return made


def list_subscriptions(http: Http, trip: Trip, service_id: str = "") -> Sequence[Subscription]:
    wanted = {"filter_type": "service", "filter_id": service_id} if service_id else {}
    found = pages(http, trip, "/webhook_subscriptions", "webhook_subscriptions", wanted)
    return [_subscription(it) for it in found]


def missing_events(subscription: Subscription) -> Sequence[str]:
    return [event for event in ACTED_UPON if event not in subscription.events]


def mend_subscription(http: Http, trip: Trip, subscription: Subscription) -> None:
    """Active, and with every event that is needed beside those it has. PagerDuty changes no address and no secret."""
    wanted = {
        "type": "webhook_subscription",
        "description": subscription.description,
        "events": [*subscription.events, *missing_events(subscription)],
        "active": True,
    }
    path = f"/webhook_subscriptions/{segment(subscription.id)}"
    http.send(trip, "PUT", path, json={"webhook_subscription": wanted})


def enable_subscription(http: Http, trip: Trip, subscription_id: str) -> None:
    """After PagerDuty disabled it; what it had queued is lost."""
    http.send(trip, "POST", f"/webhook_subscriptions/{segment(subscription_id)}/enable")


def ping_subscription(http: Http, trip: Trip, subscription_id: str) -> None:
    http.send(trip, "POST", f"/webhook_subscriptions/{segment(subscription_id)}/ping")


def delete_subscription(http: Http, trip: Trip, subscription_id: str) -> None:
    """One that is gone already is as good as deleted."""
    try:
        http.send(trip, "DELETE", f"/webhook_subscriptions/{segment(subscription_id)}")
    except Refused as refused:
        if refused.reason != "gone":
            raise


def _user(it: object) -> User:
    told = (pick_text(it, name) for name in ("name", "email", "role", "html_url"))
    return User(pick_name(it, "id"), *told)


def _subscription(it: object) -> Subscription:
    return Subscription(
        id=pick_name(it, "id"),
        url=pick_text(it, "delivery_method", "url"),
        filter_type=pick_text(it, "filter", "type"),
        filter_id=pick_name(it, "filter", "id"),
        events=tuple(event for event in pick_list(it, "events") if isinstance(event, str)),
        is_active=pick(it, "active") is not False,
        is_disabled_by_pagerduty=pick(it, "delivery_method", "temporarily_disabled") is True,
        description=pick_text(it, "description"),
        secret=pick_text(it, "delivery_method", "secret"),
    )


def incident_numbered(http: Http, trip: Trip, number: str) -> str:
    """Its id: the path takes numbers too. Raises Refused where there is none."""
    answer = http.send(trip, "GET", f"/incidents/{segment(number)}").document()
    return pick_text(answer, "incident", "id")
