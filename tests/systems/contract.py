"""What every system must do, whichever it is. A system's test subclasses SystemContract and gives it a Bench."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from syncd.core.changes import Actor, NoteSeen, Status
from syncd.errors import Refused, Unauthorised, Unreachable
from syncd.simulator.journal import Request
from syncd.systems.port import System
from tests.systems.trips import trip

ANA = Actor("Ana Lima")


@dataclass(frozen=True, slots=True)
class Bench:
    """A system with its far side at hand. `texts` and `resolutions` ask the far side itself, past our adapter."""

    system: System
    badly_keyed: System  # the same far side with a credential that it does not know
    far_away: System  # nobody listens there
    begin: Callable[[], str]  # a fresh record, open; gives its ref
    texts: Callable[[str], Sequence[str]]  # of its notes
    resolutions: Callable[[str], Sequence[str]]  # where a resolution note ends up
    priority: str  # another one than the fresh record has
    requests: Sequence[Request]
    keeps_markers: bool


class SystemContract:
    """Whoever inherits this has a fixture `bench`."""

    def test_a_record_is_read(self, bench: Bench) -> None:
        ref = bench.begin()
        record = bench.system.fetch(trip(), ref)
        assert (record.ref, record.status) == (ref, Status.OPEN)
        assert record.title
        assert record.url
        assert record.at is not None

    def test_an_acknowledgement_is_made_and_read_back(self, bench: Bench) -> None:
        ref = bench.begin()
        applied = bench.system.set_status(trip(), ref, Status.ACKNOWLEDGED, ANA, "")
        assert applied.record is not None
        assert (applied.record.ref, applied.record.status) == (ref, Status.ACKNOWLEDGED)
        assert bench.system.fetch(trip(), ref).status is Status.ACKNOWLEDGED

    def test_a_second_acknowledgement_does_no_harm(self, bench: Bench) -> None:
        ref = bench.begin()
        for _ in range(2):
            applied = bench.system.set_status(trip(), ref, Status.ACKNOWLEDGED, ANA, "")
            assert applied.record is not None
            assert applied.record.status is Status.ACKNOWLEDGED

    def test_a_second_resolve_does_no_harm(self, bench: Bench) -> None:
        ref = bench.begin()
        for _ in range(2):
            applied = bench.system.set_status(trip(), ref, Status.RESOLVED, ANA, "Rolled back")
            assert applied.record is not None
            assert applied.record.status is Status.RESOLVED

    def test_a_priority_is_set_and_read_back(self, bench: Bench) -> None:
        ref = bench.begin()
        assert bench.system.fetch(trip(), ref).priority != bench.priority
        applied = bench.system.set_priority(trip(), ref, bench.priority, ANA)
        assert applied.record is not None
        assert applied.record.priority == bench.priority
        assert bench.system.fetch(trip(), ref).priority == bench.priority

    def test_a_note_is_added_and_known_as_ours(self, bench: Bench) -> None:
        ref = bench.begin()
        applied = bench.system.add_note(trip(), ref, "Ana Lima: on it", "Ana Lima", "errand-1")
        assert list(bench.texts(ref)) == ["Ana Lima: on it"]
        (note,) = bench.system.notes(trip(), ref)
        assert (note.id, note.text, note.is_ours) == (applied.note_id, "Ana Lima: on it", True)
        heard = bench.system.heard(note)
        assert isinstance(heard, NoteSeen)
        assert (heard.note_id, heard.text, heard.by.is_us, heard.at) == (note.id, note.text, True, note.at)

    def test_a_repeated_note_is_one_note_or_can_be_found_beforehand(self, bench: Bench) -> None:
        ref = bench.begin()
        first = bench.system.add_note(trip(), ref, "Once", "", "errand-2")
        assert [note.text for note in bench.system.notes(trip(), ref) if note.is_ours] == ["Once"]
        if bench.keeps_markers:
            assert bench.system.add_note(trip(), ref, "Once", "", "errand-2").note_id == first.note_id
            assert list(bench.texts(ref)) == ["Once"]

    def test_two_notes_with_the_same_words_are_two(self, bench: Bench) -> None:
        ref = bench.begin()
        ids = {bench.system.add_note(trip(), ref, "Same", "", f"errand-{n}").note_id for n in range(2)}
        assert len(ids) == 2
        assert list(bench.texts(ref)) == ["Same", "Same"]

    def test_a_resolve_carries_its_note(self, bench: Bench) -> None:
        ref = bench.begin()
        applied = bench.system.set_status(trip(), ref, Status.RESOLVED, ANA, "Rolled back")
        assert applied.record is not None
        assert applied.record.status is Status.RESOLVED
        assert list(bench.resolutions(ref)) == ["Rolled back"]

    def test_a_note_comes_late(self, bench: Bench) -> None:
        ref = bench.begin()
        bench.system.set_status(trip(), ref, Status.RESOLVED, ANA, "")
        bench.system.add_note(trip(), ref, "One more thing", "", "errand-3")
        assert list(bench.texts(ref)) == ["One more thing"]
        assert bench.system.fetch(trip(), ref).status is Status.RESOLVED

    def test_what_a_system_says_it_cannot_do_it_refuses(self, bench: Bench) -> None:
        ref = bench.begin()
        can = bench.system.capabilities
        if not can.has_closed:
            with pytest.raises(Refused):
                bench.system.set_status(trip(), ref, Status.CLOSED, ANA, "")
        if not can.has_resolution_note:
            with pytest.raises(Refused):
                bench.system.set_resolution_note(trip(), ref, "Rolled back", ANA)
        if can.can_reopen:
            bench.system.set_status(trip(), ref, Status.RESOLVED, ANA, "")
            bench.system.set_status(trip(), ref, Status.OPEN, ANA, "")
            assert bench.system.fetch(trip(), ref).status is Status.OPEN

    def test_the_other_records_address_can_be_shown_twice(self, bench: Bench) -> None:
        ref = bench.begin()
        for _ in range(2):
            bench.system.link(trip(), ref, "https://other.test/x/1")

    @pytest.mark.parametrize("ref", ["NO-SUCH-RECORD", "..", "a/b?c#d", "ü", "0"])
    def test_a_record_that_is_not_there_is_gone(self, bench: Bench, ref: str) -> None:
        bench.begin()
        for act in (
            lambda: bench.system.fetch(trip(), ref),
            lambda: bench.system.notes(trip(), ref),
            lambda: bench.system.set_status(trip(), ref, Status.ACKNOWLEDGED, ANA, ""),
            lambda: bench.system.set_priority(trip(), ref, bench.priority, ANA),
            lambda: bench.system.add_note(trip(), ref, "Hello", "", "errand-4"),
        ):
            with pytest.raises(Refused) as caught:
                act()
            assert caught.value.reason == "gone"

    def test_a_far_side_that_is_down_was_not_reached(self, bench: Bench) -> None:
        for act in (
            lambda: bench.far_away.fetch(trip(), "1"),
            lambda: bench.far_away.set_status(trip(), "1", Status.ACKNOWLEDGED, ANA, ""),
            lambda: bench.far_away.add_note(trip(), "1", "Hello", "", "errand-5"),
            lambda: bench.far_away.check(trip()),
            lambda: bench.far_away.names(trip()),
        ):
            with pytest.raises(Unreachable):
                act()

    def test_a_bad_credential_is_told_from_everything_else(self, bench: Bench) -> None:
        ref = bench.begin()
        for act in (
            lambda: bench.badly_keyed.check(trip()),
            lambda: bench.badly_keyed.names(trip()),
            lambda: bench.badly_keyed.fetch(trip(), ref),
            lambda: bench.badly_keyed.add_note(trip(), ref, "Hello", "", "errand-6"),
        ):
            with pytest.raises(Unauthorised):
                act()
        assert list(bench.texts(ref)) == []

    def test_a_good_credential_has_no_problems(self, bench: Bench) -> None:
        once = trip()
        assert list(bench.system.check(once)) == []
        assert len(once.exchanges) == 1

    def test_the_names_it_tells_are_those_of_its_records(self, bench: Bench) -> None:
        ref, once = bench.begin(), trip()
        told = bench.system.names(once)
        assert told is not None
        assert told.statuses
        assert bench.priority in told.priorities
        assert bench.system.fetch(once, ref).priority in {"", None, *told.priorities}
        assert bench.system.set_priority(once, ref, told.priorities[0], ANA).record is not None

    def test_a_good_sender_is_let(self, bench: Bench) -> None:
        bench.system.check_sender(trip())

    def test_asking_whether_we_may_write_changes_nothing(self, bench: Bench) -> None:
        ref = bench.begin()
        before = bench.system.fetch(trip(), ref)
        bench.system.check_writing(trip())
        assert bench.system.fetch(trip(), ref) == before

    def test_each_request_over_there_is_one_exchange_here(self, bench: Bench) -> None:
        ref = bench.begin()
        before, once = len(bench.requests), trip(label="e42-3")
        bench.system.fetch(once, ref)
        bench.system.set_status(once, ref, Status.ACKNOWLEDGED, ANA, "")
        bench.system.add_note(once, ref, "Hello", "", "errand-7")
        with pytest.raises(Refused):
            bench.system.fetch(once, "NO-SUCH-RECORD")
        theirs = [(it.method, it.status, it.caller_id, it.request_id) for it in bench.requests[before:]]
        ours = [(it.method, it.status, it.request_id, it.their_request_id) for it in once.exchanges]
        assert theirs == ours
        assert [it.request_id for it in once.exchanges] == [f"e42-3.{n}" for n in range(1, len(ours) + 1)]

    def test_a_hook_made_here_only_names_the_record(self, bench: Bench) -> None:
        hint = bench.system.parse(bench.system.thin_hook("R-1"))
        assert (hint.ref, hint.is_thin, hint.seen, hint.is_ping) == ("R-1", True, (), False)
