"""What an attempt of the histories makes of the record that it has read, as syncd/flow/attempt does."""

from __future__ import annotations

from syncd.core.answered import Answer
from syncd.core.changes import Field, Record, Side, Status
from syncd.core.link import Wish
from syncd.core.policy import Rules
from syncd.core.weigh import Verdict, weigh_record


def weighed(name: Field, side: Side, record: Record, wish: Wish, rules: Rules) -> Answer | None:
    verdict = weigh_record(name, side, record, wish, rules)
    if side is Side.CASE and record.status is Status.CLOSED and verdict is Verdict.WRITE and not wish.is_amends:
        verdict = Verdict.KEEP
    return None if verdict is Verdict.WRITE else Answer(verdict, record)
