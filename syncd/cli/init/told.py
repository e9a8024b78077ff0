"""What flags have told: everything that would be asked at a terminal. Where nobody can be asked, what is missing is named at once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from syncd.cli.joining import SECRET_VARIABLE
from syncd.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class Told:
    name: str
    where: str
    email: str
    key_file: Path | None
    ca_file: str
    has_consented: bool
    is_two_way: bool | None
    is_read_only: bool
    service: str
    connector: str
    cases: str
    priorities: Sequence[str]
    by: str

    def refuse_missing(self, *, is_new: bool, has_connector: bool) -> None:
        """All of it, in the order in which a person would be asked, and before anything is stored."""
        missing = [*(self._missing_of_account() if is_new else ()), *(() if has_connector else self._missing_service())]
        if missing:
            raise Misconfigured(" ".join(missing))

    def _missing_of_account(self) -> Iterator[str]:
        if self.key_file is None and not os.environ.get(SECRET_VARIABLE):
            yield f"The API key is missing; name a file by --key-file (- is stdin), or put it into {SECRET_VARIABLE}."
        if not self.has_consented:
            yield "Nobody has consented to data processing; say so by --consent."
        if self.is_two_way is None:
            yield "It is not said whether PagerDuty changes cases too; choose --two-way or --one-way."

    def _missing_service(self) -> Iterator[str]:
        if not self.service.strip():
            yield "No service is named that incidents are opened on; name it, or its id, by --service."
