"""Writes the reference pages that are made from data: `make docs`. A test compares them."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / ".ci")]

from reference.commands import commands  # noqa: E402
from reference.findings import findings  # noqa: E402
from reference.tables import tables  # noqa: E402

from syncd.address.reading import SPELLED  # noqa: E402
from syncd.console.contract.document import document  # noqa: E402  the project is found by the line above
from syncd.console.permits import API, OPEN, PAGES, Reach  # noqa: E402  the project is found by the line above
from syncd.core.api_codes import API_CODES  # noqa: E402
from syncd.core.code import Entry  # noqa: E402
from syncd.core.our_codes import OURS  # noqa: E402
from syncd.core.pagerduty_codes import PAGERDUTY  # noqa: E402
from syncd.core.permissions import ALLOWED, Action, Role  # noqa: E402
from syncd.core.query.fields import FIELDS, TAKES  # noqa: E402
from syncd.core.query.reading import MOST_SIGNS, MOST_STARS, MOST_TERMS, MOST_VALUES  # noqa: E402
from syncd.core.reasons import SENTENCES, Outcome  # noqa: E402  the project is found by the line above
from syncd.core.why.gate import ASKS  # noqa: E402
from syncd.core.why.placed import PLACES  # noqa: E402
from syncd.core.why.proving import ASKS as OF_EVIDENCE  # noqa: E402
from syncd.flow.metrics.catalogue import CATALOGUE  # noqa: E402
from syncd.flow.status import condition, incoming, overdue, parts, subscriptions  # noqa: E402
from syncd.settings import Settings  # noqa: E402
from syncd.systems.pagerduty.fault import NO_ANSWER, TABLE, Meaning  # noqa: E402

_FIELD = re.compile(r"(?:^    # (.*)\n)?^    (\w+): .*?(?:  # (.*))?$", re.MULTILINE)


def pages() -> dict[Path, str]:
    return {
        ROOT / "docs" / "settings.md": settings(),
        ROOT / "docs" / "reasons.md": reasons(),
        ROOT / "docs" / "status.md": status(),
        ROOT / "docs" / "pagerduty-errors.md": pagerduty_errors(),
        ROOT / "docs" / "diagnostics.md": diagnostics(),
        ROOT / "README.md": readme(),
        ROOT / "docs" / "access.md": access(),
        ROOT / "docs" / "why.md": why(),
        ROOT / "docs" / "query.md": query(),
        ROOT / "docs" / "openapi.json": openapi(),
        ROOT / "docs" / "metrics.md": metrics(),
        ROOT / "docs" / "commands.md": commands(),
        ROOT / "docs" / "tables.md": tables(),
        ROOT / "docs" / "findings.md": findings(),
    }


def diagnostics() -> str:
    lines = [
        "# Codes, their causes and their cures",
        "",
        "`syncd explain CODE` prints the same, `GET /v1/codes` lists it. Of a PAG code the number is what was asked for and the letter",
        "the moment: A while an account is connected, B when it worked before. There is no 103. `NAME` is the account's name.",
        "",
        *_codes("What PagerDuty refuses", PAGERDUTY),
        "",
        *_codes("What is ours to know", OURS),
        "",
        *_codes("What the HTTP API answers with besides", list(API_CODES.values())),
        "",
        "## What helps an account that is connected by OAuth",
        "",
        "No key can be given to it; all other codes have the same cure.",
        "",
        "| code | what to do |",
        "|---|---|",
        *(f"| `{one.code}` | {one.cure_by_oauth} |" for one in (*PAGERDUTY, *OURS) if one.cure_by_oauth),
        "",
        "What is told of an account, beside `ok`: `not on your plan` (402) is no failure; `not needed` is what nothing that is",
        "switched on here uses, and is never one either; `unknown` says that nobody answered, which is nothing against the key.",
    ]
    return "\n".join(lines) + "\n"


def _codes(title: str, entries: Sequence[Entry]) -> list[str]:
    rows = [f"| `{one.code}` | {one.about} | {one.cause} | {one.cure} | {one.who} |" for one in entries]
    return [f"## {title}", "", "| code | about | cause | what to do | who |", "|---|---|---|---|---|", *rows]


_TABLE = re.compile(r"(?<=<!-- codes: written by make docs -->\n).*?(?=<!-- end of codes -->)", re.DOTALL)


def readme() -> str:
    """Between its two marks stands the table of codes; the rest is written by hand."""
    rows = [f"| `{one.code}` | {one.cause} |" for one in PAGERDUTY]
    table = "\n".join(["", "| code | cause |", "|---|---|", *rows, "", ""])
    return _TABLE.sub(lambda _: table, (ROOT / "README.md").read_text(encoding="utf-8"))


def settings() -> str:
    """The comment behind each field, or above it, is its documentation."""
    remarks = dict(_remarks((ROOT / "syncd" / "settings.py").read_text(encoding="utf-8")))
    lines = [
        "# Settings",
        "",
        "One TOML file (`--config`, else `SYNCD_CONFIG`, else `./syncd.toml`, else `/etc/syncd/syncd.toml`: the first there is),",
        "then files named like the setting in `$CREDENTIALS_DIRECTORY` and `SYNCD_SECRETS_DIR`, then `SYNCD_<NAME>` in the",
        "environment, then flags; the later wins. `syncd config show` tells where each value came from.",
        "",
        "| setting | default | |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = "" if field.default_factory else str(field.default)
        shown = "" if "**" in default or default == "PydanticUndefined" else f"`{default}`" if default else ""
        lines.append(f"| `{name}` | {shown} | {remarks.get(name, '')} |")
    lines += [
        "",
        "Addresses of the database, of Redis, of the mail server and of other channels are written",
        f"{SPELLED}: a password `S3cr/t@9` is",
        "`postgresql://syncd:S3cr%2Ft%409@db/syncd`. One of the database or of Redis that cannot be read as it is meant is refused, and nothing",
        "of it is quoted; a channel that cannot be made stops nothing, and is told: [notices.md](notices.md). No password is ever shown.",
    ]
    return "\n".join(lines) + "\n"


def _remarks(source: str) -> list[tuple[str, str]]:
    return [(found[2], found[3] or found[1] or "") for found in _FIELD.finditer(source)]


def reasons() -> str:
    lines = [
        "# Outcomes and reasons",
        "",
        "The words of `notification_deliveries`. Outcomes: " + ", ".join(f"`{one}`" for one in Outcome) + ".",
        "",
        "| reason | what it means |",
        "|---|---|",
        *(f"| `{reason}` | {sentence} |" for reason, sentence in SENTENCES.items()),
    ]
    return "\n".join(lines) + "\n"


def status() -> str:
    """Every limit as the code has it."""
    limits = {
        "A change that nothing holds has waited": condition.OLD_AFTER,
        "A look for changes that no hook told is being put off": overdue.LATE_AFTER,
        "A part has given no sign of life": parts.SILENT_AFTER,
    }
    remembered = {
        "Hooks of a source were refused (bad signature) since it was given its newest secret, none was taken since, and something "
        "shows that the source has sent them": incoming.TURNED_AWAY_WITHIN,
        "A webhook subscription was enabled again, and no hook has come since": subscriptions.TOLD_FOR,
        "A write of ours has reopened an incident": condition.RECENTLY,
        "A write of ours was made twice: a worker stood still for long, and went on when another had taken over": condition.RECENTLY,
    }
    lines = [
        "# What `syncd status` says",
        "",
        "Each line that begins with `!` is something to do, and names the command for it; the exit code is 1 then, else 0. What is held",
        "waits for somebody and is not old, however long it waits: it is told with whom it waits for. Of dead changes only those count",
        "that nobody has replayed or parked.",
        "",
        "Each line that begins with `?` is where both sides may differ though nothing waits, and nothing to do by itself (`not_known` in",
        "JSON): a look for what was missed while no receiver ran is still to be made, an account is only observed, a change was only",
        "observed or put aside by a person and never made. Without any, and with nothing to do, the last line is `Nothing is known to",
        "wait or to differ.` What no hook has told is looked for after every restart and once a day, and is not known before that.",
        "",
        "The first line with `!` is about the database, whenever it takes no writes: its disk is full, another process holds its file, or it",
        "is read-only (a standby after a failover, say). `syncd status`, `syncd doctor` and `syncd why` write a row and take it away to find",
        "that out; a daemon that is asked answers by what its own last write came to. Hooks are answered 503 meanwhile and sent again by",
        "PagerDuty, what is to be sent waits, and all parts go on by themselves afterwards. Whether a part runs cannot be seen then, since",
        "its signs of life are rows as well: start no other, and leave the master keys alone. `/readyz` names a full disk and a read-only",
        "database.",
        "",
        "| it is told when this lasts for more than | |",
        "|---|---|",
        *(f"| {what} | {_long(limit)} |" for what, limit in limits.items()),
        "",
        "| it is told for so long | |",
        "|---|---|",
        *(f"| {what} | {_long(limit)} |" for what, limit in remembered.items()),
        "",
        "Everything else is told from its first moment until it is over: an account that is disconnected, a link that is paused, what",
        "an account that is paused holds, what was asked for before an account was only observed, a case without an incident, one",
        "whose incident is held (nobody is called for it, so that it is named), an open",
        "case whose incident was only told while its account was observed, a change that was refused for good, a conflict.",
    ]
    return "\n".join(lines) + "\n"


def _long(limit: timedelta) -> str:
    minutes = limit.total_seconds() / 60
    return f"{minutes:.0f} min" if minutes < 60 else f"{minutes / 60:.0f} h"


def access() -> str:
    """Both tables as the code has them."""
    lines = [
        "# Who may do what",
        "",
        "Programs come with a token (`syncd tokens create NAME --role operator`), people with a password (`syncd users add NAME --role viewer`).",
        "Each has one role, a role is a set of actions, and each route and page needs one of them. The daemon's own API token may do all of",
        "it, and alone may say in whose name. A token may be for some PagerDuty accounts only; what reaches beyond those, it is refused.",
        "Once they are removed it is revoked. To authorise an account that is not there yet, a token has to be for all.",
        "",
        "**The first admin** comes in by a link: `syncd init` prints one, and `syncd users link` another. It opens a page once, within 24 h, where",
        "a name and a password are chosen; here only its digest is kept, one that is printed later takes its place, and where there is an admin",
        "none is made and none opens. Who has the machine but no admin any more disables the lost one (`syncd users disable`) and prints a link.",
        "",
        "**An auditor** reads evidence, makes bundles and takes them along, and sees who has access here and what was done: no cases, links,",
        "deliveries or accounts, and nothing is changed. `syncd users add NAME --role auditor` lets one in for a visit, `syncd users disable` ends",
        "it; a token (`syncd tokens create NAME --role auditor --integration acme`) sees the evidence of that account alone: [evidence-page.md](evidence-page.md).",
        "",
        "**Signing in** is slowed after 5 failures under a name from one address, and 30 from one address under any, within 15 minutes: by a second,",
        "and twice as long after each further one, at most a minute. What comes too early is not tried, and makes nobody wait longer. Nobody is locked",
        "out by others who try a name: at another address their failures do not count, and a browser that has signed in before has a count of its own",
        "also at theirs (a cookie, `syncd_browser`, 400 days; it opens nothing, and another password ends it). Whoever comes with a browser that",
        "is new, from the very address that is guessing, waits with it. Every failure is a row of the [action log](actions.md) with the address",
        "and no name, since people type passwords there; what was slowed down (429) was not tried and is no row, but a line of the log.",
        "",
        "**Which address?** That of the connection. What a proxy says of it (`X-Forwarded-For`) is believed of a peer on this machine, and only where",
        "`console_url` (or `public_url`) names more than this machine: then it is the proxy that ends TLS. A proxy on another machine is one address",
        "for all, unless its own stands in the environment as `FORWARDED_ALLOW_IPS`, with commas between several.",
        "",
        "Sessions last 12 h, in a cookie that scripts cannot read (HttpOnly, SameSite, Secure with https). Every form carries a token that only this",
        "browser was given, and is taken from our own pages alone.",
        "",
        "401 is `SYN-API-TOKEN` (no token, or a wrong one), `SYN-API-EXPIRED` or `SYN-API-REVOKED`; 403 is `SYN-API-FORBIDDEN` (the role)",
        "or `SYN-API-SCOPE` (the accounts).",
        "",
        "What each route reads and answers is told by [openapi.json](openapi.json), which `GET /openapi.json` serves to everybody.",
        "",
        "Every refusal is `application/problem+json` with a sentence that has the cause and the fix, and a code. 422: what was asked for",
        "cannot be as it is. 404: there is nothing of that name here. 409: not in the state it is in, or, with",
        "codes of their own, an account that is connected already and an alert for a connector that takes none. 502 and 504, with a code that begins",
        "with `SYN-FAR-` or `SYN-PAG-`: PagerDuty or the case system refused, could not be reached, or did not answer. 503 names in",
        "`Retry-After` when to try again. 500 `SYN-API-KEYS`: the daemon's own master keys do not open what is sealed.",
        "",
        f"| action | {' | '.join(Role)} |",
        f"|---|{'---|' * len(Role)}",
        *(
            f"| `{action}` | {' | '.join('yes' if action in ALLOWED[role] else '' for role in Role)} |"
            for action in Action
        ),
        "",
        "| route | action | a token for some accounts |",
        "|---|---|---|",
        *(
            f"| `{method} {path.replace(':number', '')}` | `{permit.action}` | {_REACHES[permit.reach]} |"
            for (method, path), permit in [*API.items(), *PAGES.items()]
        ),
        "",
        "| open to all | why |",
        "|---|---|",
        *(f"| `{method} {path}` | {why} |" for (method, path), why in OPEN.items()),
    ]
    return "\n".join(lines) + "\n"


_GATES = re.compile(r"(?<=<!-- gates: written by make docs -->\n).*?(?=<!-- end of gates -->)", re.DOTALL)
_PROVING = re.compile(
    r"(?<=<!-- gates of evidence: written by make docs -->\n).*?(?=<!-- end of gates of evidence -->)", re.DOTALL
)
_REASONS = re.compile(r"(?<=<!-- reasons: written by make docs -->\n).*?(?=<!-- end of reasons -->)", re.DOTALL)


def why() -> str:
    """Between the marks stand the gates and the reasons as the code has them; the rest is written by hand."""
    gates = [f"| {int(gate)} | `{gate.word}` | {question} |" for gate, question in ASKS.items()]
    reasons = [
        f"| `{reason}` | {int(place.gate)} | {place.who} | {_shown(place.remedy)} |" for reason, place in PLACES.items()
    ]
    text = (ROOT / "docs" / "why.md").read_text(encoding="utf-8")
    proving = [f"| {int(gate)} | `{gate.word}` | {question} |" for gate, question in OF_EVIDENCE.items()]
    text = _PROVING.sub(lambda _: _table("| gate | name | what it asks |", 3, proving), text)
    text = _GATES.sub(lambda _: _table("| gate | name | what it asks |", 3, gates), text)
    return _REASONS.sub(lambda _: _table("| reason | gate | who has to act | what helps |", 4, reasons), text)


def _table(head: str, columns: int, rows: Sequence[str]) -> str:
    return "\n".join(["", head, "|" + "---|" * columns, *rows, "", ""])


def _shown(remedy: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: "ID" if found[1] == "delivery" else found[1].upper(), remedy)


def openapi() -> str:
    """As `GET /openapi.json` serves it."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def metrics() -> str:
    lines = [
        "# Metrics",
        "",
        "`SYNCD_METRICS_PORT=9464` has the process that serves the console (`syncd up`, `syncd web`, `syncd web --only console`) listen",
        "for Prometheus on a port of its own, on 127.0.0.1 unless `SYNCD_METRICS_HOST` says otherwise, at `GET /metrics`. Nobody is asked",
        "who reads it: there are numbers and names of accounts in it, and no word of a case. The listener of hooks does not have it.",
        "",
        "One listener tells of all workers and receivers, on all machines: every number is read from the tables they share, at most every",
        "five seconds. What is counted (`_total`, `_bucket`, `_sum`, `_count`) survives restarts and is not turned back by pruning.",
        "Where the database is away the answer is 503, so that `up` is 0.",
        "",
        "| series | kind | labels | |",
        "|---|---|---|---|",
        *(
            f"| `{one.name}` | {one.kind} | {', '.join(f'`{label}`' for label in one.labels)} | {one.says} |"
            for one in CATALOGUE
        ),
        "",
        "`direction` is `inbound` (from PagerDuty to the case) or `outbound`. `change` is `other` for hooks that were not read: their senders'",
        "words make no series.",
    ]
    return "\n".join(lines) + "\n"


_REACHES = {
    Reach.WHOLE: "is refused",
    Reach.NAMED: "if it is for the account named",
    Reach.LINK: "if it is for the account of the link",
    Reach.CASE: "if it is for the account of the case's link, or else of its connector",
    Reach.DELIVERY: "if it is for the account of the delivery",
    Reach.ARRIVAL: "if it is for the account it came from",
    Reach.INSIDE: "for its accounts",
}


def query() -> str:
    """The language as its catalogue has it."""
    lines = [
        "# Asking for deliveries",
        "",
        "A query is terms with spaces between them, and all of them must hold: `outcome:failed,retrying -reason:echo age<24h`.",
        "",
        "| sign | what it means |",
        "|---|---|",
        "| `outcome:failed,held` | any of these values; `=` is the same as `:` |",
        "| `-reason:echo` | not; `reason!=echo` is the same |",
        "| `attempt>=3`, `<`, `<=`, `>` | compared; among several values each may have its own sign: `http:none,>=500` |",
        "| `100..199` | from and to, both included; either may be left out |",
        "| `case:CS-10*` | in fields that take a name anything stands for `*`, and `*` alone is whatever is not none |",
        "| `none` | there is no value |",
        "| `5xx` | 500 to 599; there are `1xx` to `5xx` |",
        '| `actor:"Dana Ruiz"` | quotes around spaces and signs; in them `\\"` is a quote, `\\\\` a backslash, and `*` a star |',
        "| `refused` | words without a field stand in the `text` |",
        "",
        "On a command line it is quoted, and one that begins with `-` comes behind a `--`, as in `-- '-reason:echo'`.",
        "",
        "A day, a minute or a second reaches from its start to its end: `at:2026-11-21` is all of that day, and `at>2026-11-21` begins",
        "with the day after. Without a zone a moment is UTC; others are written behind it, like `2026-11-21T08:00+02:00`.",
        "",
        "There is no OR between fields, and there are no brackets: so every query is also the parameters of an address. A bare `OR`, `AND` or",
        "`NOT` in capitals and round brackets are refused with the place; in quotes they are words like any other. `/v1/deliveries` takes",
        "`?outcome=failed,retrying&-reason=echo&attempt=>=3`, and besides a whole query as `q`; all of them must hold, an empty one asks",
        "for nothing, and in a parameter spaces need no quotes. A query that cannot be read is answered with the place, counted from 1,",
        f"and what would be understood there. It has at most {MOST_SIGNS} characters, {MOST_TERMS} terms, {MOST_VALUES} values each, and {MOST_STARS} `*` in a value.",
        "",
        "| field | | takes | example |",
        "|---|---|---|---|",
        *(
            f"| `{one.name}` | {one.sentence}{_choices(one.choices)} | {TAKES[one.kind]} | `{one.example}` |"
            for one in FIELDS.values()
        ),
        "",
        "What each reason means is told in [reasons.md](reasons.md).",
        "",
        "## Under a name",
        "",
        "`syncd views save bad 'outcome:failed,retrying age<24h'` keeps a query: for whoever saved it, or with `--everybody` for all who may look.",
        "`--view bad` of `syncd deliveries list`, `stats`, `export` and of `syncd tail` asks by it, and what is asked besides has to hold too; of two of one name",
        "one's own is meant. The page of deliveries picks, saves and removes them, and over HTTP they are `/v1/views`. A view whose query a later",
        "release does not understand any more is listed with what is wrong with it.",
        "",
        "On the page of deliveries a query of more than 64 characters stands packed in the path of its address (`/deliveries/of/...`), and what is",
        "added as parameters still has to hold too; a page that would be heavier than 40 KB has fewer rows, and Older leads to the rest.",
        "",
        "All that a query finds as CSV, NDJSON or Parquet, each with its SHA-256: [exports.md](exports.md).",
        "",
        "## As they come in",
        "",
        "`syncd tail 'outcome:failed,held -reason:echo'` shows what is recorded from now on, with `--since 10m` from then on: a table on a",
        "terminal, a JSON object a line otherwise. Each row is shown once, in the order of its number, and one that was numbered earlier and is",
        "committed later comes when it is committed. While the database, or with `--server` the daemon, is away, one line says so; what is recorded",
        "meanwhile is shown when it is back. `GET /v1/deliveries/tail` is the same: asked again with the answer's `next` as `after`, it goes on.",
    ]
    return "\n".join(lines) + "\n"


def _choices(words: Sequence[str]) -> str:
    """Reasons have a page of their own."""
    return f" {', '.join(f'`{word}`' for word in words)}." if 0 < len(words) < 20 else ""


def pagerduty_errors() -> str:
    lines = [
        "# What PagerDuty answers, and what syncd does",
        "",
        "The first line that fits is what an answer means. The status is looked at first, then the code, then the words; an error",
        "may come as an object, a list or a sentence. Which reason a row gives then is told in [reasons.md](reasons.md).",
        "",
        "| status | code | it means | syncd | reason |",
        "|---|---|---|---|---|",
        *(
            f"| {', '.join(map(str, one.statuses))} | {_told_by(one)} | {one.means} | {one.then} | `{one.reason}` |"
            for one in TABLE
        ),
        "",
        "| no answer | syncd | reason |",
        "|---|---|---|",
        *(f"| {what} | {then} | `{reason}` |" for what, then, reason in NO_ANSWER),
    ]
    return "\n".join(lines) + "\n"


def _told_by(one: Meaning) -> str:
    return " or ".join([*map(str, one.codes), *(f'"{words}"' for words in [one.words] if words)])


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")
