"""What an account is kept with once its other credential was accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from syncd.connections import in_use
from syncd.core.diagnostics import Subject
from syncd.core.judging import Answer


@dataclass(frozen=True, slots=True)
class Renewed:
    credentials: Mapping[str, str]
    settings: Mapping[str, str]  # that are others from now on
    warnings: tuple[str, ...] = ()
    account_host: str = ""  # which account it opens, where that can be told
    answers: Mapping[Subject, Answer] = field(default_factory=dict)  # what it was asked for

    @property
    def stored(self) -> Mapping[str, str]:
        """Beside the sealed credentials."""
        return {**self.settings, **in_use.setting(self.credentials)}
