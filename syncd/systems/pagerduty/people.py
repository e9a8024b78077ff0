"""Which user of an account a person of the case side is: the one with exactly their e-mail address.

PagerDuty documents that its search looks at names, and some accounts find addresses too. So the address is looked for first, then
the person's name, then the address's own part that may be one; whatever is found counts only by its address.
"""

from __future__ import annotations

from syncd.core.changes import Actor
from syncd.core.reasons import Reason
from syncd.errors import Refused
from syncd.systems.http import Http
from syncd.systems.port import Author
from syncd.systems.trip import Trip

from . import account
from .account import User


def find_author(http: Http, trip: Trip, by: Actor) -> Author:
    """A refusal is an answer: this key will not be told more by asking again at once."""
    try:
        user = _found(http, trip, by)
    except Refused as refused:
        why = "may not read the account's users" if refused.reason == Reason.FORBIDDEN else f"was refused: {refused}"
        return Author(by.email, why_not=f"whether {by.email} is a user could not be asked, since the key {why}")
    if user is None:
        return Author(by.email, why_not=f"PagerDuty shows no user with the address {by.email}")
    if not user.can_respond:
        return Author(by.email, why_not=f"{user.email} may not respond to incidents in PagerDuty ({user.role})")
    return Author(by.email, user.id, user.email, user.name)


def _found(http: Http, trip: Trip, by: Actor) -> User | None:
    asked = (by.email, by.name, by.email.partition("@")[0].replace(".", " "))
    for words in dict.fromkeys(filter(None, asked)):
        user = account.called(account.search_users(http, trip, words), by.email)
        if user is not None and user.email.isascii():  # A header carries no more, and a look-alike is somebody else.
            return user
    return None
