"""Credentials of every kind and an e-mail address go through every path, and are then looked for wherever something is kept or said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select

from syncd.embedded.folder import private_folder
from syncd.embedded.valkey import Valkey, running
from syncd.simulator import BOT_EMAIL, KEYS
from syncd.simulator.casedesk import HOOK_SECRET, TOKEN
from syncd.store.tables import deliveries
from tests.e2e.fleet import BUILTIN, DESK, Fleet, fleet
from tests.e2e.scene import Scene
from tests.e2e.waiting import until
from tests.faults.crowd import Crowd
from tests.faults.deaths import seeded
from tests.faults.figures import reached
from tests.faults.knocker import Knocker
from tests.faults.newer import Newer

ROW = "a planted key, token and e-mail address"
QUIET_WITHIN = 150.0
#: Whoever runs doctor is told as whom writes are made; a bundle, which leaves the house, is without it.
_MEANT = ("account's e-mail", "syncd doctor")
_PERSON = "planted.person@mail.example.com"
_SAYING = f"The key {KEYS.full} of {_PERSON} (Authorization: Token token={KEYS.full}, Bearer {TOKEN}) is not good."


def test_what_is_planted_is_found_nowhere(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'syncd.db'}"
    with private_folder() as place, running(Valkey(place)) as valkey, fleet(tmp_path, url, valkey.url) as made:
        planted, accounts = _planted(made), Newer(made)
        newer = accounts.planted()
        scenes = [Scene(made, made.cases(one), made.people, f"Planted on {one}") for one in (BUILTIN, DESK)]
        for scene in scenes:
            scene.open()
        crowd, knocker = Crowd(made, seeded(23), links=4, acts_a_second=6), Knocker(made)
        with crowd.at_work(), knocker.at_work():
            for scene in scenes:
                _every_path(made, scene)
            newer |= accounts.rotated()
            accounts.quoted()
            planted["hook secret"] = knocker.secret
            for program in made.programs[2:]:  # The far sides are not ours.
                program.kill()
                program.start()
            made.await_ready()
        made.pagerduty_peer.clear_faults()
        made.desk_peer.clear_faults()
        made.await_quiet(QUIET_WITHIN)
        places = dict(_places(made, place)) | dict(accounts.told(tmp_path))
        dump = accounts.dump()
    planted |= newer
    found = [(what, where) for what, word in planted.items() for where, text in places.items() if word in text]
    found = [one for one in found if one != _MEANT]
    # What people wrote is kept as they wrote it; what only far sides said, and what was only given to us, is kept nowhere.
    found += [(what, "dump") for what, word in newer.items() if word in dump]
    assert {
        "rows",
        "queue",
        "web0.log",
        "worker0.log",
        "syncd doctor",
        "doctor.json",
        "deliveries.json",
    } <= places.keys()
    assert '"pager"' in places["syncd doctor"], "the newer accounts were looked at"
    assert "is not good" in places["rows"], "nothing was planted"
    reached(ROW, "found in logs, rows and queue", len(found), f"0 of {len(planted)} in {len(places)} places")
    assert found == []


def _planted(made: Fleet) -> dict[str, str]:
    return {
        "key": KEYS.full,
        "token": TOKEN,
        "person's e-mail": _PERSON,
        "account's e-mail": BOT_EMAIL,
        "desk's hook secret": HOOK_SECRET,
        "master key": made.settings.master_keys.get_secret_value(),
        "API token": made.settings.api_token.get_secret_value(),
    }


def _every_path(made: Fleet, scene: Scene) -> None:
    """Refused, failed, rate limited and cut off, each with words in which the far side quotes what it was given."""
    for status in (400, 403, 404, 429, 500):
        made.pagerduty_peer.lay(count=2, methods=["POST", "PUT"], path="/incidents/*", status=status, message=_SAYING)
        made.desk_peer.lay(count=2, methods=["GET"], path="/v1/cases/*", status=status, message=_SAYING)
    made.pagerduty_peer.lay(count=1, methods=["POST"], path="*/notes", partial=True)
    for number in range(6):
        scene.on_case("comments", text=f"{number}: {_SAYING}")
        scene.on_incident("note", text=f"{number}: {_SAYING}")
    scene.on_incident("acknowledge")
    scene.on_case("priority", priority="P1")
    until(lambda: len(_refused(made)) > 0, "something was refused")


def _refused(made: Fleet) -> list[int]:
    with made.db.read() as tx:
        return list(tx.scalars(select(deliveries.c.id).where(deliveries.c.outcome == "failed")))


def _places(made: Fleet, place: Path) -> Iterator[tuple[str, str]]:
    for program in made.programs[2:]:
        yield program.log.name, program.said()
    with made.db.read() as tx:
        yield "rows", "\n".join(str(dict(row)) for row in tx.execute(select(deliveries)).mappings())
    files = [one for one in place.rglob("*") if one.is_file() and "conf" not in one.name]
    yield "queue", "\n".join(one.read_bytes().decode(errors="replace") for one in files)
