"""What one code says: its cause, what to do about it, and who has to do it; and the words that several of them share."""

from __future__ import annotations

from dataclasses import dataclass


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


ADMIN = "an administrator of the PagerDuty account"
OPERATOR = "whoever runs syncd"
KEY_CLICKS = "in PagerDuty under Integrations, API Access Keys"
AGAIN = "then look again: `syncd doctor`"
RECONNECT = "give it another key: `syncd integrations rotate NAME`"
APPLICATION = "in PagerDuty under Integrations, App Registration"
ANEW = "connect it anew by OAuth: `syncd integrations authorise NAME`"
GOES_ON = "What is held meanwhile then goes on in order."
