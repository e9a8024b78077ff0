"""Text of others, made so that it calls nobody and draws nothing where it is shown: chats, trackers, terminals, mail readers."""

from __future__ import annotations

import re

_JOINER = "\N{WORD JOINER}"
_MENTION = re.compile(r"@(?=\w)|(?<=\[)~(?=\w)")  # @here of chats, [~name] of Jira
_UNSEEN = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # turns around what is read


def plain(text: str) -> str:
    """One line without what moves a cursor or turns the reading, as it is fit for a terminal or a subject."""
    return "".join(each if each.isprintable() else " " for each in _UNSEEN.sub("", text))


def calling_nobody(text: str) -> str:
    """A mention stays readable, and is none: what could be a name is parted from its sign by a character without a width."""
    return _MENTION.sub(lambda found: f"{found[0]}{_JOINER}", plain(text))


def in_chat(text: str) -> str:
    """As Slack asks for: of `<!channel>`, `<@U1>` and `<http://evil|friendly>` nothing remains but their letters."""
    calm = calling_nobody(text)
    return calm.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
