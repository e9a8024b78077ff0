"""What can go wrong in the demo by pressing a button: its name, what happens then, and which page shows it. Words only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

RATE_LIMIT_S = 30

# What is said on either side meanwhile, each by its mishap alone: so it can be counted on the other side.
SAID_LIMITED = "Written while PagerDuty limits us."
SAID_REVOKED = "Written while the key is revoked."
SAID_TWICE = "Told once, sent twice."
SAID_WITHOUT_WORKER = "Noted while no worker was there."
SAID_AFTER_CLOSING = "Resolved after the case was closed."


@dataclass(frozen=True, slots=True)
class Sight:
    """A page worth looking at; its address is completed with what the demo shows just now."""

    label: str
    address: str

    def at(self, values: Mapping[str, str]) -> Sight:
        return Sight(self.label, self.address.format(**{name: quote(value, safe="") for name, value in values.items()}))


@dataclass(frozen=True, slots=True)
class Mishap:
    slug: str
    label: str
    says: str
    sights: tuple[Sight, ...]


_WHY = Sight("why it waits", "/why?ref={case}")
_LINK = Sight("the link's page", "/links/{link}")
_ACCOUNT = Sight("the account's page", "/integrations/{account}")
_CASE = Sight("the case", "/cases/{case}")

_ALL = (
    Mishap(
        "rate-limit",
        f"Rate limit for {RATE_LIMIT_S} s",
        f"Ana Lima has commented on the case, and PagerDuty answers every request with 429 for {RATE_LIMIT_S} seconds. The note waits"
        " for as long as PagerDuty asks and is then written once; nobody has to do anything.",
        (_WHY, Sight("the deliveries with 429", "/deliveries?q=http:429")),
    ),
    Mishap(
        "revoke-key",
        "Revoke the key",
        "PagerDuty no longer takes our key, and Ana Lima has commented on the case. The first 401 disconnects the account: a banner"
        " says so on every page, and what has to go there is held, not lost.",
        (_ACCOUNT, Sight("what is held", "/deliveries?q=case:{case}+outcome:held"), _WHY),
    ),
    Mishap(
        "restore-key",
        "Bring the key back",
        "PagerDuty takes the key again, and the account was reconnected as its page would do it. What was held goes out now, in its"
        " order.",
        (_LINK, _ACCOUNT),
    ),
    Mishap(
        "bad-signature",
        "Bad signature",
        "Somebody without our secret has sent a webhook that says the incident is resolved. It was answered 401 and nothing of it is"
        " believed: the case stays as it is, and one row says where it came from.",
        (Sight("what was rejected", "/deliveries?q=outcome:rejected"),),
    ),
    Mishap(
        "same-twice",
        "The same webhook twice",
        "Ben Osei has added a note, and PagerDuty sends its webhook twice. The case gets the comment once; the second webhook is a row"
        " with the reason duplicate.",
        (Sight("the duplicates", "/deliveries?q=reason:duplicate"), _CASE),
    ),
    Mishap(
        "close-then-act",
        "Close the case, then act in PagerDuty",
        "Ana Lima has closed the case, and Ben Osei has resolved the incident after that. A closed case keeps its status: what he did"
        " becomes a comment on it.",
        (_CASE, Sight("what became of the resolve", "/deliveries?q=case:{case}+change:resolve")),
    ),
    Mishap(
        "kill-worker",
        "Kill the worker",
        "The worker was killed (SIGKILL), and Ben Osei has added a note while there was none. The note waits in the database; a new"
        " worker is started within a second or two and carries it over, once.",
        (_LINK, Sight("the parts on the overview", "/overview")),
    ),
    Mishap(
        "down",
        "PagerDuty down",
        "PagerDuty answers everything with 503, and Ana Lima has changed the priority. It is tried again and again, ever more"
        " patiently, and whatever changes meanwhile waits behind it in order.",
        (_WHY, Sight("the deliveries with 5xx", "/deliveries?q=http:5xx")),
    ),
    Mishap(
        "up-again",
        "PagerDuty up again",
        "PagerDuty answers again. What waits goes out at its next try, at most a minute from now after a short absence, and once.",
        (_LINK, _WHY),
    ),
)

MISHAPS: Mapping[str, Mishap] = {one.slug: one for one in _ALL}


@dataclass(frozen=True, slots=True)
class Standing:
    """What is wrong over there just now."""

    limited_s: int = 0
    is_down: bool = False
    is_revoked: bool = False
    is_disconnected: bool = False

    def chips(self) -> tuple[str, ...]:
        """In words, for beside the buttons."""
        said = (
            (f"rate limited for {self.limited_s} s more", self.limited_s > 0),
            ("PagerDuty is down", self.is_down),
            ("the key is revoked", self.is_revoked),
            ("the account is disconnected", self.is_disconnected),
        )
        return tuple(words for words, is_so in said if is_so)

    def buttons(self) -> tuple[Mishap, ...]:
        """Of what can be mended the remedy, while it stands."""
        has_no_key = self.is_revoked or self.is_disconnected
        out = {"revoke-key" if has_no_key else "restore-key", "down" if self.is_down else "up-again"}
        return tuple(one for one in _ALL if one.slug not in out)


ALL_WELL = Standing()
