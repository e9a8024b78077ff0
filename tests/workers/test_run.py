"""What of Celery's own ways is changed, and that it still has them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from billiard import pool

from workers import run

_LIMIT = "GUARANTEE_MESSAGE_CONSUMPTION_RETRY_LIMIT"


def test_a_process_of_the_pool_ends_though_its_parent_listens_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = pool.Worker._ensure_messages_consumed
    assert _LIMIT in waits.__code__.co_names, "billiard calls it otherwise now"
    monkeypatch.setattr(pool, _LIMIT, getattr(pool, _LIMIT))  # It is put back after the test.
    run._end_without_being_taken_note_of()
    deaf = SimpleNamespace(on_ready_counter=SimpleNamespace(value=0))
    assert waits(deaf, completed=1) is False
    assert getattr(pool, _LIMIT) * pool.GUARANTEE_MESSAGE_CONSUMPTION_RETRY_INTERVAL < 1
