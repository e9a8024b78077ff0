"""The codes that the HTTP API answers with beside those of a connection: each with its cause and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

from .code import Entry

_CALLER = "whoever sent the request"
_ADMIN = "an admin of syncd"
_OPERATOR = "whoever runs syncd"
_TOLD = "Mend what the answer's detail names, and send it again."

_CAUSES: tuple[tuple[str, str, str, str], ...] = (
    ("SYN-API-TOKEN", "The bearer token is missing or wrong.", "Send one: `syncd tokens create` makes it.", _CALLER),
    ("SYN-API-EXPIRED", "The token has expired.", "Ask an admin for another: `syncd tokens create`.", _CALLER),
    ("SYN-API-REVOKED", "The token was revoked.", "Ask an admin for another: `syncd tokens create`.", _CALLER),
    (
        "SYN-API-FORBIDDEN",
        "The caller's role does not allow this.",
        "Ask somebody whose role does, or an admin.",
        _CALLER,
    ),
    (
        "SYN-API-SCOPE",
        "The token is for some accounts, and this is about others.",
        "Use a token for this account.",
        _CALLER,
    ),
    ("SYN-API-NOACTION", "Nobody may use this address: no action is known for it.", "Report it.", _OPERATOR),
    (
        "SYN-API-NOTFOUND",
        "There is nothing of this name, or at this address.",
        "Look at the list of what there is.",
        _CALLER,
    ),
    ("SYN-API-METHOD", "The address does not take this method.", "Use one that the header Allow names.", _CALLER),
    ("SYN-API-BODY", "What was sent, or asked for, cannot be as it is.", _TOLD, _CALLER),
    ("SYN-API-IDEMPOTENCY", "The Idempotency-Key cannot be used.", "Give each request a key of its own.", _CALLER),
    (
        "SYN-API-UNDERWAY",
        "The request with this Idempotency-Key is being done at this moment.",
        "Send it again when Retry-After says.",
        _CALLER,
    ),
    (
        "SYN-API-ONCE",
        "The request with this Idempotency-Key is not done twice, and what came of it cannot be told again.",
        "Look whether it was done, and send it with another key if not.",
        _CALLER,
    ),
    ("SYN-API-SIZE", "The request is too large.", "Send less at once.", _CALLER),
    (
        "SYN-API-MEDIA",
        "The request is of a media type that is not read here.",
        "Send JSON, as application/json.",
        _CALLER,
    ),
    (
        "SYN-API-LEFT",
        "The connection ended before the last byte had been sent: whoever asked went away, or syncd was stopped.",
        "Ask for it again; what arrived is a part.",
        _CALLER,
    ),
    ("SYN-API-SLOW", "The request came in too slowly.", "Send it again, over a better line.", _CALLER),
    ("SYN-API-SLOWED", "Too many attempts to sign in have failed.", "Wait for as long as Retry-After says.", _CALLER),
    ("SYN-API-REFUSED", "The request was refused.", _TOLD, _CALLER),
    (
        "SYN-CASE-STATE",
        "It cannot be done in the state that the thing is in.",
        "See its state; the detail says what helps.",
        _CALLER,
    ),
    (
        "SYN-API-CONNECTED",
        "This PagerDuty account is connected already, under another name; twice, each change would be carried over twice.",
        "Use that integration, or remove it first: `syncd integrations list` shows which account each one is.",
        _ADMIN,
    ),
    (
        "SYN-API-ALERTS",
        "The connector is Bi-directional and takes cases only, so that no alert can be sent to it.",
        "Send alerts to a connector with the badge Service key: `syncd connectors list` shows them.",
        _CALLER,
    ),
    (
        "SYN-API-KEYS",
        "The daemon's master keys do not open what is sealed.",
        "Bring back the key it was sealed with.",
        _OPERATOR,
    ),
    ("SYN-API-DISK", "The database has no room left to write to.", "Make room on its disk.", _OPERATOR),
    ("SYN-API-AWAY", "What is needed for this cannot be reached.", "See `syncd doctor`, and try again.", _OPERATOR),
    ("SYN-API-BROKEN", "syncd itself failed.", "Report it, with the traceback from the log.", _OPERATOR),
    ("SYN-FAR-UNREACHABLE", "The other system cannot be reached.", "Check its address and the network.", _OPERATOR),
    ("SYN-FAR-OFFLIMITS", "Its address is not open.", "Open it: the detail says what to set.", _OPERATOR),
    (
        "SYN-FAR-UNTRUSTED",
        "It shows a certificate that is not trusted here.",
        "Give its authority's file: --ca-file.",
        _OPERATOR,
    ),
    (
        "SYN-FAR-SILENT",
        "It gave no whole answer, so what was asked may have been done.",
        "Look first, then try again.",
        _CALLER,
    ),
    ("SYN-FAR-BUSY", "It takes no more requests for now.", "Wait for as long as Retry-After says.", _CALLER),
    ("SYN-FAR-LATER", "It cannot be done there yet.", "Wait for as long as Retry-After says.", _CALLER),
    (
        "SYN-FAR-CREDENTIAL",
        "It does not accept our credential.",
        "Give another: `syncd integrations rotate NAME`, or by OAuth `syncd integrations authorise NAME`.",
        _ADMIN,
    ),
    ("SYN-FAR-REFUSED", "It refuses what was asked.", _TOLD, _CALLER),
    ("SYN-FAR-FAILED", "It did not do what was asked.", "See the detail, and try again.", _CALLER),
)

API_CODES: Mapping[str, Entry] = {code: Entry(code, "API", cause, cure, who) for code, cause, cure, who in _CAUSES}
