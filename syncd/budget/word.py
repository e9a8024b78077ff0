"""What the far side last said of one of its limits: so much is left, for so long."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Word:
    limit: int = 0
    left: int = 0  # requests
    span: int = 0  # microseconds for which it still holds; 0: nothing was said

    def age(self, passed: int) -> None:
        self.span = max(0, self.span - passed)

    def hear(self, limit: int, remaining: int, reset_us: int) -> None:
        """Answers overtake each other, so more than we believe is not believed before what we believe has run out."""
        if self.span and remaining > self.left:
            return
        self.limit = max(limit, self.limit) if self.span else limit
        self.left, self.span = remaining, reset_us

    def spared(self, kept: int, full: int) -> int:
        """Without what is kept for higher lanes: that much of a full limit, of a tighter one in proportion."""
        return self.left - kept * min(self.limit, full) // full
