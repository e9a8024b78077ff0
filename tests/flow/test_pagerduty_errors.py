"""Every line of the table of PagerDuty's errors, from the simulator's answer to the row and the state it leads to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from syncd.core.changes import Field, Side, Status
from syncd.core.lifecycle import IntegrationState
from syncd.core.link import LinkState
from syncd.flow.status import condition
from syncd.simulator import BOT_EMAIL
from syncd.simulator.incidents import DUPLICATE_KEY
from syncd.systems.pagerduty import client
from syncd.systems.pagerduty.fault import NO_ANSWER, TABLE
from syncd.systems.pagerduty.incident import Incidents
from tests.flow.simulated import Simulated, connected
from tests.flow.world import LANDED, PAGERDUTY, World
from tests.parts.loopback import LOOPBACK
from tests.parts.ports import free_port

NOTE, PUT, OPEN = ("POST", "/incidents/*/notes"), ("PUT", "/incidents/*"), ("POST", "/incidents")


class Scene(Simulated):
    def notes(self) -> list[str]:
        return [note.content for note in self.incident.notes]

    def code(self) -> str:
        return self.world.account(Side.INCIDENT).code

    def comment(self) -> None:
        self.world.comment(Side.CASE, "C-1", "one")
        self.world.drain()

    def set(self, name: Field, value: str) -> None:
        self.world.act(Side.CASE, "C-1", name, value)
        self.world.drain()

    def point_at_the_incident(self) -> None:
        """A hook that says no more than: look at it."""
        hook = self.world.connections._systems[PAGERDUTY][1].thin_hook(self.incident.id)
        self.world.hear(Side.INCIDENT, hook, record=self.incident.id)

    def open_another(self) -> None:
        self.world.ask_for_incident("C-2")
        self.world.drain()


@pytest.fixture
def scene(world: World) -> Iterator[Scene]:
    with connected(world) as sim:
        made = Scene(world, sim)
        made.open_case()
        world.forget()
        yield made


def comment_meets(**fault: object) -> Callable[[Scene], None]:
    def meet(it: Scene) -> None:
        it.lay(NOTE, **fault)
        it.comment()

    return meet


def change_meets(name: Field, value: str, **fault: object) -> Callable[[Scene], None]:
    def meet(it: Scene) -> None:
        it.lay(PUT, **fault)
        it.set(name, value)

    return meet


acknowledge_meets = partial(change_meets, Field.STATUS, Status.ACKNOWLEDGED)
resolve_meets = partial(change_meets, Field.STATUS, Status.RESOLVED)
priority_meets = partial(change_meets, Field.PRIORITY, "P1")


def nobody_is_on_call(it: Scene) -> None:
    it.sim.people.set_on_call("SVC", ())
    it.open_another()


def the_sender_may_not_respond(it: Scene) -> None:
    it.sim.people.set_role(BOT_EMAIL, "observer")
    it.comment()


def the_sender_is_gone(it: Scene) -> None:
    it.sim.people.deactivate(BOT_EMAIL)
    it.comment()


def from_is_not_found(it: Scene) -> None:
    it.sim.people.deactivate(BOT_EMAIL)
    it.lay(NOTE, status=400, shape="string", message="The From header is required")
    it.comment()


def the_key_is_revoked(it: Scene) -> None:
    it.sim.people.revoke(it.sim.keys.full)
    it.comment()


def the_key_is_taken(it: Scene) -> None:
    it.lay(OPEN, status=400, code=2002, message=DUPLICATE_KEY, applied=True)
    it.open_another()


def nobody_answers(it: Scene) -> None:
    system = Incidents(client.http("k" * 20, BOT_EMAIL, f"http://127.0.0.1:{free_port()}", outgoing=LOOPBACK), "P")
    it.world.connections._systems[PAGERDUTY] = ((None, "", {}, False), system)
    it.comment()


#: What a line means, each way it comes, and the outcome of its row; the reason is the table's own.
LINES: dict[str, list[tuple[Callable[[Scene], None], str]]] = {
    "The incident is resolved already.": [(resolve_meets(status=400, code=1001, applied=True), "applied")],
    "The incident is acknowledged already.": [(acknowledge_meets(status=400, code=1002, applied=True), "applied")],
    "The incident changed while it was written.": [
        (acknowledge_meets(status=400, code=1005), "retrying"),
        (priority_meets(status=409, code=1005), "retrying"),
    ],
    "The From user is unknown, or may not respond to incidents.": [
        (the_sender_may_not_respond, "held"),
        (the_sender_is_gone, "held"),
    ],
    "The From header is missing, or names nobody.": [(from_is_not_found, "held")],
    "Nobody is on call for the service.": [(nobody_is_on_call, "failed")],
    "The incident was merged into another.": [(priority_meets(status=400, code=1019), "failed")],
    "The priority is unknown.": [
        (priority_meets(status=400, code=1020), "failed"),
        (priority_meets(status=400, shape="array", message="Priority is not one of yours"), "failed"),
    ],
    "An open incident of the service has our key.": [(the_key_is_taken, "applied")],
    "The request is wrong in another way.": [
        (comment_meets(status=400, code=2001), "failed"),
        (comment_meets(status=400, shape="string", message="No."), "failed"),
        (comment_meets(status=400, shape="array", message="No."), "failed"),
        (comment_meets(status=413, shape="html"), "failed"),
    ],
    "The key is not accepted.": [(the_key_is_revoked, "held")],
    "The account lacks the ability.": [(comment_meets(status=402), "failed")],
    "The key may not do this; an OAuth token's scopes are named, those it needs and those it has.": [
        (comment_meets(status=403), "failed"),
        (comment_meets(status=403, body={"error": {"message": "Scopes", "required_scopes": ["a.write"]}}), "failed"),
    ],
    "The incident is gone.": [
        (comment_meets(status=404), "failed"),
        (comment_meets(status=404, shape="html"), "failed"),
    ],
    "Too many requests.": [
        (comment_meets(status=429, limit_headers=False), "retrying"),
        (comment_meets(status=429, retry_after_s=42), "retrying"),
    ],
    "Something on the way redirects: a proxy, a sign-in page, or an address that is not quite the right one.": [
        (comment_meets(status=302), "retrying"),
        (comment_meets(status=307, shape="html"), "retrying"),
    ],
    "PagerDuty has trouble of its own.": [
        (comment_meets(status=500), "retrying"),
        (comment_meets(status=503, shape="html"), "retrying"),
        (comment_meets(status=408, applied=True), "retrying"),
    ],
    "No connection was made.": [(nobody_answers, "retrying")],
    "The connection ended, or time was over, before or after the write was applied.": [
        (comment_meets(cut=True), "retrying"),
        (comment_meets(cut=True, applied=True), "retrying"),
        (comment_meets(delay_s=11), "retrying"),
        (comment_meets(status=504, apply_after_s=5), "retrying"),
    ],
    "The body of a success cannot be read: HTML, or cut.": [
        (comment_meets(status=200, applied=True, shape="html"), "retrying"),
        (comment_meets(partial=True), "retrying"),
    ],
}
REASONS = {one.means: one.reason for one in TABLE} | {what: reason for what, _, reason in NO_ANSWER}


def test_every_line_of_the_table_is_told_here() -> None:
    assert list(LINES) == list(REASONS)


@pytest.mark.parametrize(
    ("means", "meet", "outcome"),
    [
        pytest.param(means, meet, outcome, id=f"{number}-{way}")
        for number, (means, ways) in enumerate(LINES.items())
        for way, (meet, outcome) in enumerate(ways)
    ],
)
def test_an_answer_leads_to_the_row_that_the_table_tells(
    scene: Scene, means: str, meet: Callable[[Scene], None], outcome: str
) -> None:
    meet(scene)
    _, *told = scene.world.said()[0]
    assert told == [outcome, REASONS[means]]


@pytest.mark.parametrize("way", LINES["The connection ended, or time was over, before or after the write was applied."])
def test_a_note_without_an_answer_stands_once_in_the_end(
    scene: Scene, way: tuple[Callable[[Scene], None], str]
) -> None:
    way[0](scene)
    scene.world.wait(LANDED)
    assert scene.notes() == ["Ana (case): one"]


@pytest.mark.parametrize("code", [1005, 1019])
def test_an_incident_that_moved_on_is_read_and_the_change_is_made_when_it_is_still_to_be_made(
    scene: Scene, code: int
) -> None:
    acknowledge_meets(status=400, code=code)(scene)
    assert scene.incident.status == "triggered"
    scene.world.wait(3)
    assert scene.incident.status == "acknowledged"
    assert scene.world.account(Side.INCIDENT).failures == 0


def test_an_acknowledgement_that_a_resolve_overtook_does_not_reopen_the_incident(scene: Scene) -> None:
    acknowledge_meets(status=400, code=1001)(scene)
    assert scene.world.last()["reason"] == "outdated"
    scene.sim.people.resolve(scene.incident.id, "Ben Osei")
    scene.world.wait(3)
    assert scene.incident.status == "resolved"
    assert scene.world.said()[-1][1:] != ("failed", "refused")
    assert scene.world.case.record("C-1").status == Status.RESOLVED


def test_a_merge_that_overtook_a_resolve_is_followed_as_a_merge(scene: Scene) -> None:
    resolve_meets(status=400, code=1019)(scene)
    other = scene.sim.people.open("The other", "Ben Osei").id
    scene.sim.people.merge(scene.incident.id, other, "Ben Osei")
    scene.world.wait(3)
    assert scene.world.link().link.value(Side.INCIDENT, Field.MERGED_INTO) == other
    assert [row for row in scene.world.rows() if row["outcome"] == "failed"] == []


@pytest.mark.parametrize("role", ["observer", "read_only_user"])
def test_writes_wait_for_the_sender_to_be_mended_and_go_out_in_their_order(scene: Scene, role: str) -> None:
    scene.sim.people.set_role(BOT_EMAIL, role)
    for text in ("one", "two"):
        scene.world.comment(Side.CASE, "C-1", text)
    scene.world.drain()
    scene.open_another()
    assert scene.code() == "SYN-PAG-SENDER"
    assert scene.world.states("C-2") == [("open", "held")]
    scene.world.wait(61)
    assert scene.code() == "SYN-PAG-SENDER", "a key that is accepted mends nothing"
    assert [row["outcome"] for row in scene.world.rows()].count("held") == 3
    (finding,) = [one for one in condition.condition(scene.world.db).findings if "SYN-PAG-SENDER" in one.what]
    assert "`syncd integrations set pagerduty --email ADDRESS`" in finding.remedy
    scene.sim.people.set_role(BOT_EMAIL, "user")
    scene.world.wait(61)
    assert scene.notes() == ["Ana (case): one", "Ana (case): two"]
    assert scene.world.link("C-2").link.state is LinkState.OPEN
    assert scene.world.account(Side.INCIDENT).state is IntegrationState.CONNECTED


def test_reading_goes_on_while_the_sender_is_refused(scene: Scene) -> None:
    the_sender_may_not_respond(scene)
    scene.sim.people.acknowledge(scene.incident.id, "Ben Osei")
    scene.point_at_the_incident()
    scene.world.drain()
    assert scene.world.case.record("C-1").status == Status.ACKNOWLEDGED


def test_a_key_that_is_refused_too_ends_the_reading_and_is_named(scene: Scene) -> None:
    the_sender_may_not_respond(scene)
    scene.sim.people.revoke(scene.sim.keys.full)
    scene.point_at_the_incident()
    scene.world.drain()
    assert scene.code() == "PAG-100-B"


def test_a_sender_refused_once_and_found_in_order_disconnects_nobody(scene: Scene) -> None:
    comment_meets(status=403, code=1018)(scene)
    assert scene.world.said() == [("comment", "retrying", "unknown_sender")]
    assert scene.code() == ""
    scene.world.wait(3)
    assert scene.notes() == ["Ana (case): one"]


def test_a_429_without_headers_waits_for_five_seconds(scene: Scene) -> None:
    comment_meets(status=429, limit_headers=False)(scene)
    row = scene.world.last()
    assert 5 <= (row["next_attempt_at"] - scene.world.clock.now()).total_seconds() < 6


def test_a_403_names_the_scopes_and_disconnects_nobody(scene: Scene) -> None:
    comment_meets(status=403, body={"error": {"message": "Scopes", "required_scopes": ["a.write"]}})(scene)
    assert "required scopes: a.write" in scene.world.last()["detail"]
    assert scene.code() == ""


def _right_to_write(scene: Scene, kind: str) -> None:
    """`full`, or `read_only`."""
    scene.sim.account.keys[scene.sim.keys.full].kind = kind


def test_a_key_that_may_only_read_by_now_holds_every_write_until_one_that_may_is_given(scene: Scene) -> None:
    _right_to_write(scene, "read_only")
    for text in ("one", "two"):
        scene.world.comment(Side.CASE, "C-1", text)
    scene.set(Field.STATUS, Status.ACKNOWLEDGED)
    scene.open_another()
    assert scene.code() == "SYN-PAG-READONLY"
    assert {outcome for _, outcome, _ in scene.world.said()} == {"held"}
    scene.world.forget()
    scene.world.wait(61)
    assert (scene.code(), scene.world.said()) == ("SYN-PAG-READONLY", []), "a key that may read mends nothing"
    (finding,) = [one for one in condition.condition(scene.world.db).findings if "SYN-PAG-READONLY" in one.what]
    assert "This API key may only read" in finding.what
    assert finding.remedy.startswith("Give it a credential that may write: `syncd integrations rotate pagerduty`")
    _right_to_write(scene, "full")
    scene.world.wait(61)
    assert scene.notes() == ["Ana (case): one", "Ana (case): two"]
    assert scene.incident.status == "acknowledged"
    assert scene.world.link("C-2").link.state is LinkState.OPEN
    assert (scene.code(), [row for row in scene.world.rows() if row["outcome"] == "failed"]) == ("", [])


def test_reading_goes_on_with_a_key_that_may_only_read(scene: Scene) -> None:
    _right_to_write(scene, "read_only")
    scene.comment()
    scene.sim.people.acknowledge(scene.incident.id, "Ben Osei")
    scene.point_at_the_incident()
    scene.world.drain()
    assert scene.code() == "SYN-PAG-READONLY"
    assert scene.world.case.record("C-1").status == Status.ACKNOWLEDGED


@pytest.mark.parametrize("doubt", [{"cut": True}, {"status": 500}, {"status": 401}])
def test_a_403_whose_meaning_cannot_be_asked_is_tried_again(scene: Scene, doubt: dict[str, object]) -> None:
    scene.lay(PUT, **doubt)
    comment_meets(status=403)(scene)
    assert scene.world.said() == [("comment", "retrying", "unreachable")]
    assert "whether the credential may write at all could not be asked" in scene.world.last()["detail"]
    scene.world.wait(3)
    assert scene.notes() == ["Ana (case): one"]


def test_a_sender_who_may_not_respond_says_nothing_against_the_key(scene: Scene) -> None:
    scene.sim.people.set_role(BOT_EMAIL, "observer")
    comment_meets(status=403, code=2010)(scene)
    assert (scene.world.said()[0][1:], scene.code()) == (("failed", "forbidden"), "")
