"""Makes ids, keys and secrets that look like PagerDuty's; the same seed makes the same ones."""

from __future__ import annotations

import base64
from random import Random
from uuid import UUID

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Ids:
    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)  # noqa: S311 - a simulation wants repeatable ids, not secrets

    def _word(self, prefix: str, length: int, alphabet: str = ALPHABET) -> str:
        return prefix + "".join(self.dice.choices(alphabet, k=length - len(prefix)))

    def record(self) -> str:
        return self._word("P", 7)

    def incident(self) -> str:
        return self._word("Q", 14)

    def log_entry(self) -> str:
        return self._word("R", 26)

    def event(self) -> str:
        return self._word("01", 26, CROCKFORD)

    def uuid(self) -> str:
        return str(UUID(int=self.dice.getrandbits(128), version=4))

    def key(self) -> str:
        return self._word("u+", 20)

    def hexadecimal(self) -> str:
        return f"{self.dice.getrandbits(128):032x}"

    def secret(self) -> str:
        """64 characters of base64 text, used as text and never decoded."""
        return base64.b64encode(self.dice.randbytes(48)).decode()

    def standard_secret(self) -> str:
        return "whsec_" + base64.b64encode(self.dice.randbytes(32)).decode()
