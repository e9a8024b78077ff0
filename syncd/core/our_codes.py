"""What can be wrong besides: with the way to PagerDuty, with our webhook, with the parts of syncd and with case systems."""

from __future__ import annotations

from collections.abc import Sequence

from .code import ADMIN, AGAIN, ANEW, APPLICATION, KEY_CLICKS, OPERATOR, RECONNECT, Entry


def _ours(code: str, about: str, cause: str, cure: str, who: str = OPERATOR, by_oauth: str = "") -> Entry:
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
        "SYN-PAG-MISSING",
        "address",
        "The key is accepted, and PagerDuty has no such address for this account, or what stands between lets only others through.",
        "Where a proxy stands between, have it let every path of PagerDuty's REST API through; else ask PagerDuty's support whether the "
        "account has it, and look again: `syncd doctor NAME --all`.",
    ),
    _ours(
        "SYN-PAG-PLAN",
        "plan",
        "The account's plan does not have what syncd needs of it.",
        "See in PagerDuty under Account Settings, Billing, which plan it has and whether that has ended; then connect it again.",
        ADMIN,
    ),
    _ours(
        "SYN-PAG-SERVICES",
        "services",
        "The key is accepted, and may not read the account's services.",
        f"For a personal key: its owner has to see them in PagerDuty under Services. For an OAuth token: it needs the scope services.read. "
        f"For an account key: make a new one {KEY_CLICKS}. Connect it again afterwards.",
        ADMIN,
        f"Give the application the scope services.read {APPLICATION}; then {ANEW}.",
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
        "Look again once that is over, mostly in a minute; nothing has to be done.",
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
        ADMIN,
        f"Let that user respond in PagerDuty (not as a stakeholder or an observer), or name another: {ANEW}, of an application that "
        "acts for itself with `--email ADDRESS`.",
    ),
    _ours(
        "SYN-PAG-READONLY",
        "API key",
        "The key is accepted, and may only read: what is to be written is held.",
        f"Make a key that may write {KEY_CLICKS}, without Read-only, and {RECONNECT}.",
        ADMIN,
        f"Give the application write access (a Classic one), or the scopes that end in .write, {APPLICATION}; where a person has agreed, "
        f"that person has to be one who may respond as well; then {ANEW}.",
    ),
    _ours(
        "SYN-PAG-SCOPE",
        "OAuth scopes",
        "The OAuth token came back from a renewal with less than sync needs: what it still may do goes on, and the rest is refused.",
        "Give the application in PagerDuty (Integrations, App Registration) the scopes that are named, and have somebody agree again: "
        "`syncd integrations authorise NAME`.",
        ADMIN,
    ),
    _ours(
        "SYN-PAG-SIGHT",
        "what the key sees",
        "The key does not see the whole account, so that services, schedules, policies, people and incidents may be missing from what is "
        "collected.",
        f"Make an account's key {KEY_CLICKS} (a Read-only one is enough where nothing is written), and {RECONNECT}; or have the user it "
        "belongs to made a Global Admin or the Account Owner, as PagerDuty shows under User, Profile; "
        f"{AGAIN}.",
        ADMIN,
        f"Have a Global Admin or the Account Owner agree: `syncd integrations authorise NAME`; all that was set stays; {AGAIN}.",
    ),
    _ours(
        "SYN-PAG-READS",
        "OAuth scopes",
        "The OAuth token lacks scopes that evidence is read with: what it may read is collected, and the rest is refused with 403.",
        f"Give the application the scopes that are named (a Classic one: read) {APPLICATION}; then {ANEW}; all that was set stays.",
        ADMIN,
    ),
    _ours(
        "SYN-PAG-KEY-AGE",
        "API key",
        "The key has been in use for longer than 90 days; PagerDuty's keys never end by themselves, so that a copy of it stays good.",
        f"Make another one {KEY_CLICKS}, {RECONNECT}, and delete the old one there; all that was set stays.",
        ADMIN,
    ),
    _ours(
        "SYN-PAG-SERVICE-KEY",
        "service key",
        "No service has this integration key any more, so that nothing a connector sends is taken.",
        "See in PagerDuty, in the service under Integrations, which Events API v2 key it has, and give that: `syncd integrations rotate "
        "NAME`.",
        ADMIN,
    ),
    _ours(
        "SYN-PAG-PRIORITIES",
        "priorities",
        "The account has no incident priorities, or lacks one that a connector maps to.",
        "Enable them in PagerDuty under Settings, Incident Priorities; without them everything but priorities is synced.",
        ADMIN,
    ),
    _ours(
        "SYN-PAG-PEOPLE",
        "act as person",
        "The account acts as the person, and what some people change on cases is written there in our own name instead.",
        "Give them a PagerDuty user with the same e-mail address and a role that may respond; until then nothing of theirs is lost.",
        ADMIN,
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
        f"secret, and {ANEW}.",
    ),
    _ours(
        "SYN-DATABASE",
        "database",
        "The database cannot be used, or has another schema than this release.",
        "See that it runs and that SYNCD_DATABASE_URL is right; `syncd db upgrade` brings its schema up to date.",
    ),
    _ours(
        "SYN-DATABASE-FULL",
        "database",
        "The disk of the database is full, so that nothing can be stored.",
        "Free some space on it; all parts go on by themselves then.",
    ),
    _ours(
        "SYN-DATABASE-LOCKED",
        "database",
        "Another process holds the database's file, and lets nobody else write.",
        "See which has it open (`fuser -v` of syncd.db in SYNCD_HOME), and let it come to its end; all parts go on by themselves then.",
    ),
    _ours(
        "SYN-DATABASE-READONLY",
        "database",
        "The database is read-only: a standby after a failover, a server whose disk is full, or a file that may only be read.",
        "Make it writable, or set SYNCD_DATABASE_URL to the primary; where it becomes writable all parts go on by themselves.",
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
    _ours(
        "SYN-CHANNEL",
        "channel",
        "A channel of notices cannot be made of its settings: nobody is told by it, and all else goes on.",
        "Correct its settings (SYNCD_NOTIFY_...), try it by `syncd channels test`, and start the workers anew.",
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
