"""Text of others, made so that it calls nobody and draws nothing where it is shown: terminals, spreadsheets, chats, trackers, mail readers.

Each way out has its function; what people typed is changed no further than that way needs.
"""

from __future__ import annotations

import re

_JOINER = "\N{WORD JOINER}"
_MENTION = re.compile(r"@(?=\w)|(?<=\[)~(?=\w)|(?<=<)!(?=\w)")  # @here of chats, [~name] of Jira, <!channel> of Slack
_IN_TEXT = re.compile(rf"(?<!\w)(?:{_MENTION.pattern})")  # not in an e-mail address, which has to stay one
_ADDRESS = r"https?://[\w.-]+(?::\d+)?(?:[/?#][^\s<>\[\]|,]*)?"  # may have an @ of its own, and has to stay one
_ADDRESS_OR_MENTION = re.compile(rf"(?P<address>{_ADDRESS})|{_IN_TEXT.pattern}")
_LINK = re.compile(r"\](?=\()")  # [friendly](http://evil), of chats that read Markdown
_OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # by terminals, of whatever age; a text keeps its lines and tabs
_UNSEEN = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # turns around what is read
_WIDE = frozenset(
    "\uff1d\uff0b\uff0d\uff20"
)  # the full-width = + - @, which begin a formula too where people write Japanese or Chinese
_FORMULA = frozenset("=+-@\t\r") | _WIDE


# Of a cell within a line of CSV. What is not printable is told by another way, and the second is needed by few lines: it takes thrice as long.
_START = re.compile(r',"?[=+\-@]')
_ANY_START = re.compile(rf',"?[=+\-@{"".join(sorted(_WIDE))}]')


def printable(text: str) -> str:
    """One line: what would move a cursor, or turn the reading, is a space."""
    return text if text.isprintable() else "".join(each if each.isprintable() else " " for each in text)


def printable_lines(text: str) -> str:
    """The same of a text that may have several lines."""
    return "\n".join(map(printable, text.split("\n")))


def plain(text: str) -> str:
    """One line without what moves a cursor or turns the reading, as it is fit for a subject."""
    return printable(_UNSEEN.sub("", text))


def in_cell(text: str) -> str:
    """Of a spreadsheet, which shows what stands behind the ' as it is, and takes it for no formula."""
    shown = printable(text)
    return f"'{shown}" if text[:1] in _FORMULA or shown[:1] in _FORMULA else shown


def may_harm_in_line(text: str) -> bool:
    """Of CSV whose first cell is harmless: one line, or several put together. Also true of some that is harmless: it is asked of millions."""
    start = _START if text.isascii() else _ANY_START
    return not text.isprintable() or start.search(text) is not None


def carried(text: str) -> str:
    """What people wrote, on its way to where people are called: it goes on to chats, mail and phones from there. Words, lines, addresses and
    links stay as they were. Carried once more it stays the same, so that it is known as ours when it comes back.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return without_mentions(_OBEYED.sub(" ", _UNSEEN.sub("", lines)))


def without_mentions(text: str) -> str:
    """What people wrote to each other stays as it was, but that a name is parted from its sign by a character without a width."""
    return _ADDRESS_OR_MENTION.sub(lambda found: found["address"] or _parted(found), text)


def calling_nobody(text: str) -> str:
    """In a message of ours: there even what looks like an e-mail address calls nobody."""
    return _MENTION.sub(_parted, plain(text))


def _parted(found: re.Match[str]) -> str:
    return f"{found[0]}{_JOINER}"


def in_chat(text: str) -> str:
    """As Slack asks for: of `<!channel>`, `<@U1>` and `<http://evil|friendly>` nothing remains but their letters."""
    calm = _LINK.sub(f"]{_JOINER}", calling_nobody(text))
    return calm.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def in_json(text: str) -> str:
    """JSON that means the same and draws nothing: what a terminal could obey is spelt in letters. For text that is JSON already."""
    return text if text.isprintable() else "".join(each if _may_stand(each) else _spelt(each) for each in text)


def _may_stand(each: str) -> bool:
    return each == "\n" or each.isprintable()  # a line's end between two values: within one it is spelt already


def _spelt(each: str) -> str:
    units = each.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
