"""What a key of PagerDuty may be refused, at two moments: A while connecting, B when it worked before. The numbers are PagerDuty's subjects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .code import ADMIN, AGAIN, ANEW, APPLICATION, GOES_ON, KEY_CLICKS, RECONNECT, Entry

NO_USERS = 102  # the subject is users: they may be read, and there are none


@dataclass(frozen=True, slots=True)
class _List:
    """What a key may be refused while it is accepted itself."""

    number: int
    what: str
    roles: str  # who may see it there, so that a personal key of theirs may read it
    scope: str  # of a scoped OAuth token
    where: str  # a person sees it there


_LISTS = (
    _List(101, "users", "an Admin, a Global Admin or the Account Owner", "users.read", "People, Users"),
    _List(
        104,
        "sessions and activity logs",
        "an Admin or the Account Owner",
        "oauth_delegations.read",
        "a user's profile, Sessions",
    ),
    _List(
        105,
        "audit records",
        "an Admin or the Account Owner",
        "audit_records.read",
        "Account Settings, Audit Trail",
    ),
    _List(106, "log entries of incidents", "a Manager or higher", "incidents.read", "an incident's Timeline"),
    _List(107, "licences", "an Admin or the Account Owner", "licenses.read", "Account Settings, Billing"),
    _List(
        108,
        "licence allocations",
        "an Admin or the Account Owner",
        "licenses.read",
        "People, Users, the column Licence",
    ),
)


def _of_list(one: _List) -> tuple[Entry, Entry]:
    may = f"For an account key: make a new one {KEY_CLICKS}"
    role = f"For a personal key: its owner has to be {one.roles}, and to see {one.where}"
    scope = f"For an OAuth token: it needs the scope {one.scope}"
    by_oauth = (
        f"Give the application the scope {one.scope} {APPLICATION}; where a person has agreed, that person has to be {one.roles} as "
        f"well. Then {ANEW}."
    )
    return (
        Entry(
            f"PAG-{one.number}-A",
            one.what,
            f"The key is accepted, and may not read the account's {one.what}.",
            f"{role}. {scope}. {may}. Connect it again afterwards.",
            ADMIN,
            by_oauth,
        ),
        Entry(
            f"PAG-{one.number}-B",
            one.what,
            f"The key could read the account's {one.what}, and may not any more: a role or a scope was taken away.",
            f"Give it back. {role}. {scope}. Else {RECONNECT}, {AGAIN}.",
            ADMIN,
            by_oauth,
        ),
    )


_KEYS = (
    Entry(
        "PAG-100-A",
        "API key",
        "PagerDuty does not accept this API key.",
        f"Make one {KEY_CLICKS}, with Create New API Key, and copy it whole before that page closes: it is shown once. "
        "Paste all 20 characters and nothing else, and check that the account is asked in the region, or at the address, that it belongs "
        "to: `--where` of `syncd integrations add`, and later `syncd integrations set NAME --where ADDRESS`.",
        ADMIN,
    ),
    Entry(
        "PAG-100-B",
        "API key",
        "The API key, or what was agreed to by OAuth, was accepted before, and is not any more: it was deleted, revoked or has expired, or "
        "whoever it belonged to was deactivated.",
        f"See {KEY_CLICKS} whether it is still there. If not, make another there, which should be an account key, "
        f"and {RECONNECT}. {GOES_ON}",
        ADMIN,
        f"See {APPLICATION} whether the application is still there, with the same client secret; then {ANEW}. {GOES_ON}",
    ),
)
_NOBODY = (
    Entry(
        f"PAG-{NO_USERS}-A",
        "users",
        "The account has no users, so there is nobody our writes could be made as.",
        "Check that this is the right account and subdomain. In a new account add a user first, in PagerDuty under People, Users; "
        "then connect it again.",
        ADMIN,
    ),
    Entry(
        f"PAG-{NO_USERS}-B",
        "users",
        "The account had users, and has none any more.",
        "Add one in PagerDuty under People, Users, or connect an account that has users; "
        "name one of them by `syncd integrations set NAME --email ADDRESS`.",
        ADMIN,
        f"Add one in PagerDuty under People, Users, and {ANEW}.",
    ),
)

PAGERDUTY: Sequence[Entry] = sorted(
    [*_KEYS, *_NOBODY, *(entry for one in _LISTS for entry in _of_list(one))], key=lambda entry: entry.code
)
