"""On which terms an account is joined: who consents to its data being processed, and in which directions it is synced."""

from __future__ import annotations

from dataclasses import dataclass

from syncd.errors import Misconfigured
from syncd.store.integrations import Agreed

PROCESSED = (
    "syncd reads the incidents, notes and users of this account, keeps what it needs of them in its database, and passes "
    "incidents and notes on to the case system."
)


@dataclass(frozen=True, slots=True)
class Terms:
    by: str  # who joins it, and consents
    has_consented: bool
    is_two_way: bool
    is_read_only: bool = False
    acts_as_person: bool = False

    def refuse_without_consent(self) -> None:
        if not self.has_consented:
            raise Misconfigured(f"Nobody has consented to data processing: {PROCESSED} Say so by --consent.")


@dataclass(frozen=True, slots=True)
class Joined:
    """Who joined an account, which one it turned out to be, and on which terms; a case system has none."""

    by: str
    account_host: str = ""
    detail: str = ""
    terms: Terms | None = None

    @property
    def agreed(self) -> Agreed:
        terms = self.terms or Terms("", has_consented=False, is_two_way=True)
        return Agreed(terms.by, is_two_way=terms.is_two_way, is_read_only=terms.is_read_only)
