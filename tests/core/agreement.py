"""What must be true when the network has gone quiet. Every excuse stands here by name, as narrow as it can be said."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from syncd.core import wording
from syncd.core.answered import differences
from syncd.core.changes import Field, Side, Status
from syncd.core.errand import ErrandKind
from syncd.core.lifecycle import ErrandState
from syncd.core.link import LinkState
from syncd.core.policy import CaseReopened, Unacknowledged, Winner

from .desk import OVER, RANK, Desk
from .job import NOTES, Dealt
from .world import World


def check(world: World) -> None:
    assert world.told.openings <= 1, "two incidents were opened"
    _no_write_loop(world)
    state = world.lanes.link.state
    if state is LinkState.ENDED:
        assert not world.incident.exists, "the case was over before its incident opened, and yet it was opened"
        return
    if state is LinkState.FAILED:
        return
    assert state is LinkState.OPEN, state
    believes_the_truth(world)
    _statuses_agree(world)
    _priorities_agree(world)
    _resolution_notes_stand(world)
    _notes_stand_once(world)
    _notes_are_in_order(world)
    _reopening_was_noticed(world)
    _nobody_answers_themselves(world)


def nothing_is_lost(world: World) -> None:
    """Every word that was to be said stands over there, once all that came to nothing was replayed."""
    for job in world.lanes.jobs:
        is_said = job.state is ErrandState.DELIVERED or job.dealt is Dealt.REPLAYED or bool(job.far_id)
        is_words = job.errand.kind is ErrandKind.NOTE and world.lanes.link.state is LinkState.OPEN
        assert is_said or not is_words, f"{job.errand.id} {job.errand.text!r} is lost: {job.state}"


def _no_write_loop(world: World) -> None:
    """A person's act costs at most a few writes, a fault at most one more."""
    told = world.told
    writes = sum(told.writes.values())
    assert writes <= 4 + 4 * told.acts + 2 * told.faults, f"{writes} writes for {told.acts} acts"


def believes_the_truth(world: World) -> None:
    if world.lanes.link.state is not LinkState.OPEN:
        return
    for side in Side:
        wrong = differences(world.lanes.link, side, world.desks[side].fetch(), is_certain=True)
        assert not wrong, f"the link believes otherwise: {wrong}"
    assert not world.lanes.link.wanted, f"wishes are left: {world.lanes.link.wanted}"


# Status.


def _statuses_agree(world: World) -> None:
    """Both say the same, unless one of these is so:

    - the case is closed: nothing changes its state, and its closing changes nothing over there;
    - the incident is merged: it looks resolved, and nobody resolved it;
    - a person moved one side back (un-acknowledged, reopened) where policy or capability says to follow that
      with words only, and nobody moved the other side's status since, but we, or somebody
      just as we were about to, or away and back within one second of a clock that has only seconds, or away and
      back while its record was read, or a later hook came, before the hooks that tell of it: they are stale then;
    - the last change was carried over in words, because the case was known to be closed (and was reopened since);
    - the last status errand that died is younger than the last status change by a person.
    """
    case, incident = world.case, world.incident
    if case.status is incident.status or case.status is Status.CLOSED or incident.merged_into:
        return
    if Field.STATUS in world.lanes.left:
        return
    ahead, behind = (case, incident) if RANK[case.status] > RANK[incident.status] else (incident, case)
    assert _stays_back(world, behind, ahead), f"case {case.status}, incident {incident.status}"


def _stays_back(world: World, behind: Desk, ahead: Desk) -> bool:
    back = next((m for m in reversed(behind.moves[Field.STATUS]) if m.by_person and m.is_back), None)
    last = ahead.last_move(Field.STATUS)
    if back is None:
        return False
    is_after = last is not None and last.by_person and last.at > back.at
    coincided_at = world.lanes.coincided.get((ahead.side, Field.STATUS))
    is_known = is_after and last is not None and (coincided_at is None or coincided_at < last.at)
    if is_known and not ahead.flickered(Field.STATUS):
        return False
    policy, can = world.rules.policy, world.rules.capabilities[Side.CASE]
    if behind.side is Side.CASE:
        return behind.status is Status.OPEN or policy.case_reopened is CaseReopened.NOTE
    is_unfollowed = policy.unacknowledged is Unacknowledged.IGNORE or not can.can_unacknowledge
    return is_unfollowed if ahead.status not in OVER else not can.can_reopen


def _last_by_a_person(world: World, name: Field) -> datetime:
    moves = [desk.last_move(name, by_person=True) for desk in world.desks.values()]
    return max((move.at for move in moves if move), default=world.clock.now().replace(year=1970))


# Priority.


def _priorities_agree(world: World) -> None:
    """The two values are a row of the map, unless one of them has no row, or the last news of either was left
    (`Lanes.left`: said in words because the case was known to be closed, or refused by the far side). Or a conflict
    stands, which names the two, and then they do differ.
    """
    case, incident, rows = world.case.priority, world.incident.priority, world.rules.priorities
    if _is_in_conflict(world, Field.PRIORITY, case, incident):
        assert not rows.means_the_same(case, incident), f"both say {case}, {incident}, and a conflict is left"
        return
    if rows.means_the_same(case, incident) or Field.PRIORITY in world.lanes.left:
        return
    if rows.across(Side.CASE, case) is None or rows.across(Side.INCIDENT, incident) is None:
        return
    raise AssertionError(f"case {case}, incident {incident}")


def _is_in_conflict(world: World, name: Field, case: str, *incident: str) -> bool:
    link = world.lanes.link
    if name not in link.conflicts:
        return False
    assert world.rules.policy.winner(name) is Winner.MANUAL, "nobody had asked to be asked"
    named = (link.chosen(Side.CASE, name), link.chosen(Side.INCIDENT, name))
    assert named in {(case, one) for one in incident}, f"the conflict names {named}, and they say {case!r}, {incident}"
    assert named[0] != named[1], f"both say {case}, and a conflict is left"
    return True


# Texts.


def _resolution_notes_stand(world: World) -> None:
    """The last one that a person wrote on a side can be read on the other: in the field's history, or in the notes.
    Or a conflict stands, which names the two.
    """
    if _is_in_conflict(world, Field.RESOLUTION_NOTE, world.case.resolution_note, *_last_written(world)):
        return
    last = world.case.last_move(Field.RESOLUTION_NOTE)
    if last is not None and last.by_person:
        _can_be_read(world, Side.INCIDENT, world.case.resolution_note)
    taken = {note_id for (side, note_id), heard in world.lanes.register.items() if heard.errand}
    notes = [note for note in world.incident.notes if note.text.startswith(wording.RESOLUTION_PREFIX)]
    written = [note for note in notes if note.id not in taken]
    refused_at = world.told.refused_at.get(Field.RESOLUTION_NOTE)
    if written and (refused_at is None or refused_at < written[-1].at):
        _can_be_read(world, Side.CASE, wording.without_resolution_prefix(written[-1].text))


def _last_written(world: World) -> list[str]:
    """Which of the notes of one second is the last cannot be told from a list of them: the others are comments."""
    taken = {note_id for (side, note_id), heard in world.lanes.register.items() if heard.errand}
    notes = [note for note in world.incident.notes if note.text.startswith(wording.RESOLUTION_PREFIX)]
    written = [note for note in notes if note.id not in taken]
    last = [note for note in written if note.at.replace(microsecond=0) == written[-1].at.replace(microsecond=0)]
    return [wording.without_resolution_prefix(note.text) for note in last]


def _can_be_read(world: World, side: Side, text: str) -> None:
    desk = world.desks[side]
    lane = [job for job in world.lanes.jobs if job.errand.side is side]
    kept = [job.errand.text for job in lane if job.state is ErrandState.DEAD or job.dealt is Dealt.LEFT]
    places = [*desk.past, *(note.text for note in desk.notes), *kept]
    assert any(text in place for place in places), f"the resolution note {text!r} is not on the {side}"


def _notes_stand_once(world: World) -> None:
    """Each errand of a note stands once, or died. Each note of a person has one errand, or stands for one: whoever
    shares our account and types the very words of an errand in doubt has done its work. None of ours is carried back.
    """
    lanes, standing = world.lanes, {(desk.side, n.id): n for desk in world.desks.values() for n in desk.notes}
    carried = Counter(job.origin for job in lanes.jobs if job.origin is not None and job.dealt is not Dealt.REPLAYED)
    written = Counter[str]()
    for job in lanes.jobs:
        if job.errand.kind not in NOTES:
            continue
        written[job.first.errand.id] += world.told.writes.get(job.errand.id, 0)
        assert written[job.first.errand.id] <= 1, f"{job.first.errand.id} stands {written[job.first.errand.id]} times"
        if job.state is ErrandState.DELIVERED and job.far_id:
            assert standing[job.errand.side, job.far_id].text == job.errand.text
        elif job.state is ErrandState.DELIVERED:
            assert job.errand.kind is ErrandKind.CLOSING_NOTE, f"{job.errand.id} was delivered and stands nowhere"
    for key, note in standing.items():
        _is_accounted_for(world, key, note.errand, note.text, carried[key])


def _is_accounted_for(world: World, key: tuple[Side, str], errand: str, text: str, carried: int) -> None:
    side, note_id = key
    heard = world.lanes.register.get(key)
    assert heard is not None, f"note {note_id} was never heard of"
    if heard.errand:  # taken for ours
        job = next(job for job in world.lanes.jobs if job.errand.id == heard.errand)
        assert job.far_id == note_id, f"{note_id} is taken for {heard.errand}, which is {job.far_id}"
        assert not carried
        return
    if side is Side.INCIDENT and text.startswith(wording.RESOLUTION_PREFIX):
        assert carried <= 1
        return
    assert carried == 1, f"note {note_id} {text!r} was carried over {carried} times"
    if errand:  # written by us and carried back: only if somebody's note of the same words was taken for it
        job = next(job for job in world.lanes.jobs if job.errand.id == errand)
        assert job.far_id not in {"", note_id}, f"our own note {note_id} came back as news"


def _notes_are_in_order(world: World) -> None:
    for side, landed in world.told.order.items():
        numbers = [int(errand[1:]) for errand in landed]
        assert numbers == sorted(numbers), f"notes on the {side} stand out of order: {landed}"


def _reopening_was_noticed(world: World) -> None:
    """If a write of ours crossed a resolve and nobody touched a status since, the incident is resolved again."""
    told = world.told
    said = sum(bool(note.errand) and note.text == wording.reopened_by_us() for note in world.incident.notes)
    reopened = sum(move.is_back for move in world.incident.moves[Field.STATUS])
    assert said <= reopened, "it says that we reopened it more often than it was reopened"
    if not told.crossings or told.dropped or Field.STATUS in told.refused_at:
        return
    if _last_by_a_person(world, Field.STATUS) < told.crossings[-1]:
        assert world.incident.status is Status.RESOLVED, "our acknowledgement reopened it, and nobody resolved it again"


def _nobody_answers_themselves(world: World) -> None:
    """Where nothing went wrong we set the case's priority only for somebody who has set the incident's: our own write is nobody's."""
    is_asked = any(move.by_person for move in world.incident.moves[Field.PRIORITY])
    ours = [move for move in world.case.moves[Field.PRIORITY] if not move.by_person]
    assert is_asked or world.told.faults or not ours, (
        f"nobody set the incident's, and the case was given {ours[0].value}"
    )
