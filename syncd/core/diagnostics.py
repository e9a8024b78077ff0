"""What can be wrong with a connection, as data: each code with its cause, what to do about it, and who has to do it.

The PAG codes are PagerDuty's subjects at two moments: A while connecting, B when it worked before. The SYN codes are ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Subject(StrEnum):
    """What a key may be let to ask for."""

    KEY = "key"
    USERS = "users"
    SESSIONS = "sessions"
    AUDIT = "audit"
    LOG_ENTRIES = "log_entries"
    LICENCES = "licences"
    LICENCE_ALLOCATIONS = "licence_allocations"


class Use(StrEnum):
    """What may be switched on here."""

    SYNC = "sync"
    EVIDENCE = "evidence"


#: What each use asks for. A subject that nothing switched on here uses is not needed.
NEEDED: Mapping[Use, frozenset[Subject]] = {
    Use.SYNC: frozenset({Subject.KEY, Subject.USERS, Subject.LOG_ENTRIES}),
    Use.EVIDENCE: frozenset(
        {Subject.KEY, Subject.AUDIT, Subject.LICENCES, Subject.LICENCE_ALLOCATIONS, Subject.SESSIONS}
    ),
}


def needed(uses: Iterable[Use]) -> frozenset[Subject]:
    return frozenset[Subject]().union(*(NEEDED[use] for use in uses))


class Moment(StrEnum):
    CONNECTING = "A"
    LATER = "B"  # it worked before


@dataclass(frozen=True, slots=True)
class Entry:
    code: str
    about: str  # a subject's own words, or the part of syncd
    cause: str
    cure: str
    who: str
    cure_by_oauth: str = ""  # where something else helps: nobody can give an account connected by OAuth a key

    def cured(self, slug: str, *, is_by_oauth: bool = False) -> str:
        """As it fits the account, with its own name in the commands."""
        return ((is_by_oauth and self.cure_by_oauth) or self.cure).replace("NAME", slug)


_ADMIN = "an administrator of the PagerDuty account"
_OPERATOR = "whoever runs syncd"
_KEY_CLICKS = "in PagerDuty under Integrations, API Access Keys"
_AGAIN = "then look again: `syncd doctor`"
_RECONNECT = "give it another key: `syncd integrations rotate NAME`"
_APPLICATION = "in PagerDuty under Integrations, App Registration"
_ANEW = "connect it anew by OAuth: `syncd integrations authorise NAME`"
_GOES_ON = "What is held meanwhile then goes on in order."

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
    may = f"For an account key: make a new one {_KEY_CLICKS}"
    role = f"For a personal key: its owner has to be {one.roles}, and to see {one.where}"
    scope = f"For an OAuth token: it needs the scope {one.scope}"
    by_oauth = (
        f"Give the application the scope {one.scope} {_APPLICATION}; where a person has agreed, that person has to be {one.roles} as "
        f"well. Then {_ANEW}."
    )
    return (
        Entry(
            f"PAG-{one.number}-A",
            one.what,
            f"The key is accepted, and may not read the account's {one.what}.",
            f"{role}. {scope}. {may}. Connect it again afterwards.",
            _ADMIN,
            by_oauth,
        ),
        Entry(
            f"PAG-{one.number}-B",
            one.what,
            f"The key could read the account's {one.what}, and may not any more: a role or a scope was taken away.",
            f"Give it back. {role}. {scope}. Else {_RECONNECT}, {_AGAIN}.",
            _ADMIN,
            by_oauth,
        ),
    )


_KEYS = (
    Entry(
        "PAG-100-A",
        "API key",
        "PagerDuty does not accept this API key.",
        f"Make one {_KEY_CLICKS}, with Create New API Key, and copy it whole before that page closes: it is shown once. "
        "Paste all 20 characters and nothing else, and check that the account is asked in the region, or at the address, that it belongs "
        "to: `--where` of `syncd integrations add`, and later `syncd integrations set NAME --where ADDRESS`.",
        _ADMIN,
    ),
    Entry(
        "PAG-100-B",
        "API key",
        "The API key, or what was agreed to by OAuth, was accepted before, and is not any more: it was deleted, revoked or has expired, or "
        "whoever it belonged to was deactivated.",
        f"See {_KEY_CLICKS} whether it is still there. If not, make another there, which should be an account key, "
        f"and {_RECONNECT}. {_GOES_ON}",
        _ADMIN,
        f"See {_APPLICATION} whether the application is still there, with the same client secret; then {_ANEW}. {_GOES_ON}",
    ),
)
_NOBODY = (
    Entry(
        f"PAG-{NO_USERS}-A",
        "users",
        "The account has no users, so there is nobody our writes could be made as.",
        "Check that this is the right account and subdomain. In a new account add a user first, in PagerDuty under People, Users; "
        "then connect it again.",
        _ADMIN,
    ),
    Entry(
        f"PAG-{NO_USERS}-B",
        "users",
        "The account had users, and has none any more.",
        "Add one in PagerDuty under People, Users, or connect an account that has users; "
        "name one of them by `syncd integrations set NAME --email ADDRESS`.",
        _ADMIN,
        f"Add one in PagerDuty under People, Users, and {_ANEW}.",
    ),
)

PAGERDUTY: Sequence[Entry] = sorted(
    [*_KEYS, *_NOBODY, *(entry for one in _LISTS for entry in _of_list(one))], key=lambda entry: entry.code
)


def named_first(sentence: str) -> str:
    """The code that a sentence begins with, or nothing."""
    code = sentence.partition(":")[0]
    return code if code in CATALOGUE else ""


def _ours(code: str, about: str, cause: str, cure: str, who: str = _OPERATOR, by_oauth: str = "") -> Entry:
    return Entry(code, about, cause, cure, who, by_oauth)


OURS: Sequence[Entry] = (
    _ours(
        "SYN-PAG-REGION",
        "API key",
        "The key is one of PagerDuty's other region.",
        "Connect the account again with `--where us` or `--where eu`, whichever its address in a browser shows.",
    ),
    _ours(
        "SYN-PAG-ADDRESS",
        "address",
        "What answers at this address is not PagerDuty's REST API.",
        "Correct the address: `--where us`, `eu`, or a proxy's with its whole path; where one redirects, have it let this machine through.",
    ),
    _ours(
        "SYN-PAG-PLAN",
        "plan",
        "The account's plan does not have what syncd needs of it.",
        "See in PagerDuty under Account Settings, Billing, which plan it has and whether that has ended; then connect it again.",
        _ADMIN,
    ),
    _ours(
        "SYN-PAG-SERVICES",
        "services",
        "The key is accepted, and may not read the account's services.",
        f"For a personal key: its owner has to see them in PagerDuty under Services. For an OAuth token: it needs the scope services.read. "
        f"For an account key: make a new one {_KEY_CLICKS}. Connect it again afterwards.",
        _ADMIN,
        f"Give the application the scope services.read {_APPLICATION}; then {_ANEW}.",
    ),
    _ours(
        "SYN-PAG-NETWORK",
        "network",
        "PagerDuty cannot be reached from here.",
        "See that this machine resolves and reaches the address, and what a firewall or a proxy says of it.",
    ),
    _ours(
        "SYN-PAG-TLS",
        "network",
        "The certificate that is shown at this address is none that is trusted here.",
        "Where a proxy looks into TLS, name its certificate authority by `--ca-file`; else correct this machine's clock or its list of "
        "authorities.",
    ),
    _ours(
        "SYN-PAG-BUSY",
        "requests",
        "PagerDuty or our own request budget put the question off.",
        "Look again in a minute; nothing has to be done.",
    ),
    _ours(
        "SYN-PAG-TROUBLE",
        "PagerDuty",
        "PagerDuty has trouble of its own.",
        "Look again later, and at status.pagerduty.com; nothing has to be done here.",
    ),
    _ours(
        "SYN-PAG-SENDER",
        "From user",
        "The user our writes are made as is not there, or may not respond to incidents.",
        "Let that user respond in PagerDuty (not as a stakeholder or an observer), or name another: `syncd integrations set NAME "
        "--email ADDRESS`.",
        _ADMIN,
        f"Let that user respond in PagerDuty (not as a stakeholder or an observer), or name another: {_ANEW}, of an application that "
        "acts for itself with `--email ADDRESS`.",
    ),
    _ours(
        "SYN-PAG-READONLY",
        "API key",
        "The key is accepted, and may only read: what is to be written is held.",
        f"Make a key that may write {_KEY_CLICKS}, without Read-only, and {_RECONNECT}.",
        _ADMIN,
        f"Give the application write access (a Classic one), or the scopes that end in .write, {_APPLICATION}; where a person has agreed, "
        f"that person has to be one who may respond as well; then {_ANEW}.",
    ),
    _ours(
        "SYN-PAG-SCOPE",
        "OAuth scopes",
        "The OAuth token came back from a renewal with less than sync needs: what it still may do goes on, and the rest is refused.",
        "Give the application in PagerDuty (Integrations, App Registration) the scopes that are named, and have somebody agree again: "
        "`syncd integrations authorise NAME`.",
        _ADMIN,
    ),
    _ours(
        "SYN-PAG-SERVICE-KEY",
        "service key",
        "No service has this integration key any more, so that nothing a connector sends is taken.",
        "See in PagerDuty, in the service under Integrations, which Events API v2 key it has, and give that: `syncd integrations rotate "
        "NAME`.",
        _ADMIN,
    ),
    _ours(
        "SYN-PAG-PRIORITIES",
        "priorities",
        "The account has no incident priorities, or lacks one that a connector maps to.",
        "Enable them in PagerDuty under Settings, Incident Priorities; without them everything but priorities is synced.",
        _ADMIN,
    ),
    _ours(
        "SYN-PAG-PEOPLE",
        "act as person",
        "The account acts as the person, and what some people change on cases is written there in our own name instead.",
        "Give them a PagerDuty user with the same e-mail address and a role that may respond; until then nothing of theirs is lost.",
        _ADMIN,
    ),
    _ours(
        "SYN-PAG-SERVICE",
        "service",
        "The service of a connector is not in the account any more, so that no incident can be opened there.",
        "Make a connector for a service that is there: `syncd connectors add`.",
    ),
    _ours(
        "SYN-PAG-CLOCK",
        "clock",
        "This machine's clock differs from PagerDuty's.",
        "Let NTP or chrony set this machine's clock.",
    ),
    _ours(
        "SYN-HOOK-NONE",
        "webhook",
        "The account has no webhook of ours, so its changes are only found by looking.",
        "Make one: `syncd integrations webhook NAME --create`; it needs SYNCD_PUBLIC_URL, the address that PagerDuty reaches.",
    ),
    _ours(
        "SYN-HOOK-SUBSCRIPTION",
        "webhook",
        "Our webhook subscription is gone, switched off, sends elsewhere, or misses events.",
        "A worker enables and mends it by itself within minutes; where it was deleted, have another one made: `syncd integrations "
        "webhook NAME --create`; where it sends elsewhere, have it made anew: `syncd integrations webhook NAME --rotate`.",
    ),
    _ours(
        "SYN-HOOK-SILENT",
        "webhook",
        "No webhook has come for a long time.",
        "See that the subscription's address leads to a running receiver from the internet.",
    ),
    _ours(
        "SYN-PUBLIC-URL",
        "public URL",
        "Nobody told syncd where the internet reaches it, or not by an address PagerDuty can call.",
        "Set SYNCD_PUBLIC_URL to the https address of its receiver.",
    ),
    _ours(
        "SYN-CONFIG",
        "config",
        "A setting cannot be used.",
        "Correct it; `syncd config check` names where it comes from.",
    ),
    _ours(
        "SYN-HOME",
        "home",
        "Others than its owner may write to the folder of the keys and the database.",
        "Take that right from them (`chmod go-w` of SYNCD_HOME), and see that what stands in it is what syncd has put there.",
    ),
    _ours(
        "SYN-SECRETS",
        "secrets",
        "A sealed credential cannot be opened with the master keys here.",
        "Bring back the master key it was sealed with (SYNCD_MASTER_KEYS), or enter the credential again: `syncd integrations rotate "
        "NAME`.",
        by_oauth=f"Bring back the master key it was sealed with (SYNCD_MASTER_KEYS), or name the application again by its client id (--client-id) and "
        f"secret, and {_ANEW}.",
    ),
    _ours(
        "SYN-DATABASE",
        "database",
        "The database cannot be used, or has another schema than this release.",
        "See that it runs and that SYNCD_DATABASE_URL is right; `syncd db upgrade` brings its schema up to date.",
    ),
    _ours(
        "SYN-BROKER",
        "broker",
        "The broker cannot be reached; sync goes on more slowly without it.",
        "See that Redis or Valkey runs and that SYNCD_REDIS_URL is right.",
    ),
    _ours(
        "SYN-BROKER-EVICTS",
        "broker",
        "The broker may throw away keys when its memory is full, and with them request budgets and wake-ups.",
        "Set its maxmemory-policy to noeviction.",
    ),
    _ours("SYN-WORKER", "worker", "No worker has given a sign of life.", "Start one: `syncd worker`, or `syncd up`."),
    _ours("SYN-BEAT", "beat", "No beat has given a sign of life.", "Start one: `syncd beat`, or `syncd up`."),
    _ours(
        "SYN-CASE-SYSTEM",
        "case system",
        "A case system cannot be reached, or does not accept its credential.",
        "See that it runs; give it another credential by `syncd integrations rotate NAME`.",
    ),
    _ours(
        "SYN-CASE-NAMES",
        "case system",
        "A status, or a priority that a connector maps, is none that its case system knows.",
        "Give the case system that name again, or make the connector anew: `syncd connectors add` reads which there are.",
    ),
    _ours(
        "SYN-CHECK",
        "doctor",
        "The check itself failed.",
        "Look into the log for its traceback, and report it; the other checks are not touched by it.",
    ),
)

CATALOGUE: Mapping[str, Entry] = {entry.code: entry for entry in (*PAGERDUTY, *OURS)}
