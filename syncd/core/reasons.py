"""Outcomes and reasons: the words of notification_deliveries, the same in every column, facet, metric and sentence."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    APPLIED = "applied"
    SUPPRESSED = "suppressed"  # nothing to do: echo, duplicate, no difference
    IGNORED = "ignored"  # outside what we sync: unlinked, not mapped
    RETRYING = "retrying"
    HELD = "held"  # kept until somebody or something lets it go
    FAILED = "failed"  # permanent
    REJECTED = "rejected"  # a bad signature
    PARKED = "parked"  # put aside by a person


class Reason(StrEnum):
    # applied
    CHANGED = "changed"
    NOTED = "noted"
    ADOPTED = "adopted"  # found standing from an earlier attempt
    WRITTEN_LATE = "written_late"
    SUBSCRIPTION_ENABLED = "subscription_enabled"
    SUBSCRIPTION_MENDED = "subscription_mended"
    CHOSEN = "chosen"
    RULES_CHANGED = "rules_changed"
    DIAGNOSED_WELL = "diagnosed_well"
    # suppressed
    ECHO = "echo"
    FORGOTTEN = "forgotten"
    DUPLICATE = "duplicate"
    UNCHANGED = "unchanged"
    IN_STEP = "in_step"
    STALE = "stale"
    SUPERSEDED = "superseded"
    OVERRULED = "overruled"
    WOULD_REOPEN = "would_reopen"
    NOT_NEEDED = "not_needed"
    ON_ITS_WAY = "on_its_way"
    AGREED = "agreed"
    # ignored
    UNLINKED = "unlinked"
    UNKNOWN_TYPE = "unknown_type"
    NOT_MAPPED = "not_mapped"
    BY_POLICY = "by_policy"
    MERGED = "merged"
    CASE_CLOSED = "case_closed"
    CASE_OVER = "case_over"
    NO_CONNECTOR = "no_connector"
    NO_ROUTE = "no_route"
    OF_EVIDENCE = "of_evidence"
    NOT_OURS = "not_ours"
    PING = "ping"
    OBSERVING = "observing"
    ONE_WAY = "one_way"
    SYNC_OFF = "sync_off"
    READ_ONLY = "read_only"
    REMOVED = "removed"
    # retrying
    RATE_LIMITED = "rate_limited"
    UNREACHABLE = "unreachable"
    OFF_LIMITS = "off_limits"
    AMBIGUOUS = "ambiguous"
    WORKER_LOST = "worker_lost"
    PASSED = "passed"
    OUTDATED = "outdated"
    UNKNOWN_SENDER = "unknown_sender"
    SUBSCRIPTION_DISABLED = "subscription_disabled"
    SUBSCRIPTION_DIFFERS = "subscription_differs"
    # held
    DISCONNECTED = "disconnected"
    PAUSED = "paused"
    ASKED_BEFORE = "asked_before"
    LINK_FAILED = "link_failed"
    LOOPING = "looping"
    RESTORED = "restored"
    CONFLICT = "conflict"
    OPENING = "opening"
    # failed
    REFUSED = "refused"
    FORBIDDEN = "forbidden"
    GONE = "gone"
    UNREADABLE = "unreadable"
    NOBODY_ON_CALL = "nobody_on_call"
    UNKNOWN_PRIORITY = "unknown_priority"
    REOPENED_BY_US = "reopened_by_us"
    LATE = "late"
    BROKEN = "broken"
    SUBSCRIPTION_GONE = "subscription_gone"
    SUBSCRIPTION_ELSEWHERE = "subscription_elsewhere"
    SUBSCRIPTION_SILENT = "subscription_silent"
    DIAGNOSED = "diagnosed"
    # rejected
    BAD_SIGNATURE = "bad_signature"
    # parked
    PARKED = "parked"


#: Of what was done to a case, where `unlinked` speaks of an incident.
NO_INCIDENT = "No incident was opened here for this case, so there is nothing to bring it to."
#: Of an alert, where nothing stands that could be acknowledged or resolved.
NO_ALERT = "No alert was triggered here under this key, so there is nothing to acknowledge or resolve."
#: It came before it was known which case it belongs to.
BEFORE_ITS_LINK = frozenset({Reason.UNLINKED, Reason.OPENING})
#: Of what came back, came twice or was known already no row says how a field stands.
SAYS_NOTHING = frozenset(
    {
        Reason.ECHO,
        Reason.DUPLICATE,
        Reason.FORGOTTEN,
        Reason.STALE,
        Reason.PING,
        Reason.UNKNOWN_TYPE,
        Reason.UNCHANGED,
    }
)

SENTENCES: dict[Reason, str] = {
    Reason.CHANGED: "The change was made on the other side.",
    Reason.NOTED: "The text was added on the other side.",
    Reason.ADOPTED: "An earlier attempt had already done it; it was found and taken over.",
    Reason.SUBSCRIPTION_ENABLED: "Our webhook subscription was enabled again, and what it had lost is looked for.",
    Reason.SUBSCRIPTION_MENDED: "Our webhook subscription is active and asks for every event that is needed again.",
    Reason.CHOSEN: "A person chose another policy for a connector; the next decision follows it.",
    Reason.RULES_CHANGED: "A person changed the rules or a preset; cases that are opened from now on follow it.",
    Reason.DIAGNOSED_WELL: "What a diagnosis of the account had found is in order again.",
    Reason.ECHO: "This is our own change coming back, so it was not sent again.",
    Reason.FORGOTTEN: "It stands there from our own account, of the time that the restored backup does not know, so it was not sent.",
    Reason.DUPLICATE: "This was received before.",
    Reason.UNCHANGED: "The record said this already.",
    Reason.IN_STEP: "The other side already says the same.",
    Reason.STALE: "Newer news about the same field was known when this arrived.",
    Reason.SUPERSEDED: "A later change of the same field took its place before it was sent.",
    Reason.OVERRULED: "Both sides changed at once and the other side's value wins.",
    Reason.WOULD_REOPEN: "The incident is resolved, and acknowledging it would reopen it and page people.",
    Reason.NOT_NEEDED: "By the time its turn came nothing was left to do: a later or a winning change had settled it.",
    Reason.ON_ITS_WAY: "A newer change of the same field is on its way already.",
    Reason.AGREED: "Both sides have come to say the same, so nobody has to decide their conflict any more.",
    Reason.UNLINKED: "No case here opened this incident.",
    Reason.UNKNOWN_TYPE: "syncd does not act on events of this type.",
    Reason.NOT_MAPPED: "The value has no counterpart on the other side.",
    Reason.BY_POLICY: "A policy setting says not to follow this.",
    Reason.MERGED: "The incident was merged into another; that is not a resolve, so the case keeps its status.",
    Reason.CASE_CLOSED: "The case is closed; what still arrives is kept as a comment.",
    Reason.CASE_OVER: "The case was resolved or closed before its incident was opened.",
    Reason.NO_CONNECTOR: "The case was sent to no connector, and there is no single default one.",
    Reason.NO_ROUTE: "No rule matches the case, so no incident is opened for it: `syncd routes explain` says why of each.",
    Reason.OF_EVIDENCE: "A finding of evidence opened the case, and no rule names those, so nobody is called for it.",
    Reason.NOT_OURS: "The record belongs to another source than the one that sent this.",
    Reason.PING: "A test event; nothing to do.",
    Reason.OBSERVING: "The account is only observed: this is what would have been written, and it was not.",
    Reason.ONE_WAY: (
        "The other side only takes events, which open, acknowledge and resolve; there is none for this, so it was not sent."
    ),
    Reason.SYNC_OFF: "The account is synced one way: what happens there changes no case until two-way sync is switched on.",
    Reason.READ_ONLY: "The account is only read: this is what would have been written, and it was not sent.",
    Reason.REMOVED: "Its account or its connector was removed, or its account was moved, so this has nowhere to go.",
    Reason.RATE_LIMITED: "The other side asked for a pause; it is tried again after it.",
    Reason.UNREACHABLE: "The other side could not be reached; it is tried again.",
    Reason.OFF_LIMITS: "The other side's address is not a public one, and `outgoing_allow` does not open it; it is tried again.",
    Reason.AMBIGUOUS: "No clear answer came; the next attempt looks before it writes.",
    Reason.WORKER_LOST: "The worker vanished during the attempt; the next one looks before it writes.",
    Reason.PASSED: "It, or one before it, has failed before, so a later status goes out ahead of it; it is still tried.",
    Reason.OUTDATED: "The record changed while it was written; it is read again, and then decided anew.",
    Reason.DISCONNECTED: (
        "The credential, or the user our writes are made as, is not accepted or may not write; everything is kept meanwhile."
    ),
    Reason.PAUSED: "Sync is paused; everything is kept until it is resumed.",
    Reason.ASKED_BEFORE: (
        "It, or what goes before it, was asked for before the account was only observed; it goes out once the account is "
        "written to again."
    ),
    Reason.LINK_FAILED: "The incident could not be opened, so this has nowhere to go.",
    Reason.LOOPING: "The same field was written too often in a minute, so the link is paused; everything is kept until it is resumed.",
    Reason.RESTORED: "A backup was restored; what has changed since it was made is read before anything is written.",
    Reason.CONFLICT: "Both sides changed it at once, so neither is written: `syncd conflicts resolve` decides.",
    Reason.OPENING: "A case here is opening this incident, and PagerDuty's answer is not back yet; it is decided once that is known.",
    Reason.REFUSED: "The other side refused it, and would again.",
    Reason.FORBIDDEN: "The credential may not do this.",
    Reason.GONE: "The record no longer exists on the other side.",
    Reason.UNREADABLE: "It was signed correctly but cannot be read.",
    Reason.NOBODY_ON_CALL: "Nobody is on call for the service, so PagerDuty opens no incident.",
    Reason.UNKNOWN_SENDER: "PagerDuty refuses this to the integration's From user, who may otherwise respond; it is tried again.",
    Reason.SUBSCRIPTION_DISABLED: "PagerDuty has disabled our webhook subscription and lost what it had queued; it is enabled again.",
    Reason.SUBSCRIPTION_DIFFERS: "Our webhook subscription is switched off or misses events that are needed; it is put right.",
    Reason.SUBSCRIPTION_GONE: "Our webhook subscription was deleted in PagerDuty; another one has to be made.",
    Reason.SUBSCRIPTION_ELSEWHERE: "Our webhook subscription sends to another address than that of this daemon.",
    Reason.SUBSCRIPTION_SILENT: "A ping that PagerDuty was asked for has not come; hooks do not reach us.",
    Reason.DIAGNOSED: "A diagnosis of the account found something that the key may not do; `syncd explain CODE` says what helps.",
    Reason.UNKNOWN_PRIORITY: "PagerDuty does not know this priority.",
    Reason.LATE: "A worker stood still; what it wrote when it went on stands besides what was written in its place.",
    Reason.WRITTEN_LATE: "A worker stood still and wrote this when it went on, after another had; the record is read to see what holds.",
    Reason.REOPENED_BY_US: "A write of ours crossed a resolve and reopened the incident; it is resolved again.",
    Reason.BROKEN: "syncd itself failed on this; the log has the traceback.",
    Reason.BAD_SIGNATURE: "The signature does not match any secret we hold.",
    Reason.PARKED: "A person put it aside; a replay takes it up again.",
}
