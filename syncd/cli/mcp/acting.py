"""What an assistant may do, where whoever started it has allowed that. It signs as the person who did, by an assistant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Annotated, Any

from pydantic import Field

from syncd.cli.reach import Reach

Json = dict[str, Any]
Keeping = Callable[[str, dict[str, str]], AbstractContextManager[None]]
Why = Annotated[str, Field(description="For whoever finds it paused.")]


class Acting:
    def __init__(self, reach: Reach, by: str, keeping: Keeping) -> None:
        """`keeping` the action log: what is done past the API stands in it, as what commands do."""
        self._reach, self._by, self._keeping = reach, by, keeping

    @property
    def tools(self) -> Sequence[Callable[..., Json]]:
        return [self.replay, self.pause_link, self.resume_link, self.pause_integration, self.resume_integration]

    def replay(
        self,
        deliveries: Annotated[list[int], Field(min_length=1, max_length=100, description="Their numbers.")],
        plan: Annotated[bool, Field(description="Only tell what would be sent.")] = True,
    ) -> Json:
        """Decide deliveries anew, from what both sides say today. Ask for the plan first, show it to the person, and call it again
        with plan=false once they agree. A second time is no harm.
        """
        fields = {"ids": deliveries, "by": self._by, "dry_run": plan}
        if plan:
            return {"replays": self._reach.replay(fields)}
        with self._keeping("replay", {"ids": ",".join(map(str, deliveries))}):
            return {"replays": self._reach.replay(fields)}

    def pause_link(self, number: Annotated[int, Field(ge=1)], why: Why = "") -> Json:
        """Write nothing for a link on either side until it is resumed; what changes is kept, in its order."""
        with self._keeping("pause_link", {"link": str(number)}):
            return self._reach.act_on_link(number, "pause", {"by": self._by, "why": why})

    def resume_link(self, number: Annotated[int, Field(ge=1)]) -> Json:
        """Let a paused link go on: what was kept goes out in its order."""
        with self._keeping("resume_link", {"link": str(number)}):
            return self._reach.act_on_link(number, "resume", {"by": self._by})

    def pause_integration(self, name: str, why: Why = "") -> Json:
        """Write nothing for all links of an account until it is resumed."""
        with self._keeping("pause_integration", {"name": name}):
            return self._reach.act_on_integration(name, "pause", {"by": self._by, "why": why})

    def resume_integration(self, name: str) -> Json:
        """Let a paused account go on."""
        with self._keeping("resume_integration", {"name": name}):
            return self._reach.act_on_integration(name, "resume", {"by": self._by})
