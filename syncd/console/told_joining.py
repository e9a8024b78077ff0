"""What is answered about an account that was connected, tested or given another webhook: the same here and by command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from syncd.connections.joining import accounts, reconnecting, ways
from syncd.connections.joining.reach import Reached
from syncd.connections.joining.setup import Setup, talking
from syncd.connections.open import Connections
from syncd.connections.webhooks.rotation import Rotated
from syncd.core.lifecycle import IntegrationState
from syncd.evidence.collecting import sights
from syncd.flow.accounts import ASK_AGAIN_EVERY
from syncd.store import integrations
from syncd.store.row_json import Json


def hook_address(name: str, public_url: str) -> str:
    return f"{public_url}/hooks/{name}" if public_url else f"/hooks/{name} of your public_url, which is not set yet"


def connected(reached: Reached, hooks: str, *, is_two_way: bool) -> Json:
    sync = ways.called(is_two_way=is_two_way)
    at = f" to {reached.host} ({reached.region})" if reached.host else ""
    says = (
        f"{reached.slug} is connected{at}. Users: {reached.users}; services: {reached.services}; key: {reached.kind}; "
        f"writes as {reached.writer}; sync: {ways.told(reached.slug, is_two_way=is_two_way, also=f' Its hooks go to {hooks}.')}"
    )
    return {"name": reached.slug, **reached.told, "sync": sync, "hooks": hooks, "says": says}


def desk_connected(name: str) -> str:
    return f"{name} is connected. Its hooks go to /hooks/{name}; add their secret: syncd integrations webhook {name}"


def reconnected(setup: Setup, name: str, *, by: str) -> Json:
    was_away = not setup.integration(name).is_connected
    found = reconnecting.reconnect(setup, name, by=by)
    it = setup.integration(name)
    if not was_away:
        says = f"{name} is connected, and its credential is accepted; nothing was changed."
    elif it.is_paused:
        says = f"The credential of {name} is accepted again, and it stays paused by {it.paused_by}. {_resume(name)}"
    else:
        says = f"The credential of {name} is accepted again; what was held goes on in its order within a minute."
    return {"name": name, **found, "says": says}


def rotated(setup: Setup, name: str, credential: str, *, email: str, by: str) -> tuple[Sequence[str], str]:
    """Another credential was given: what to mind, and what came of it."""
    was = setup.integration(name).writes_as
    warnings = accounts.rotate(setup, name, credential, email=email, by=by)
    it = setup.integration(name)
    said = f"{name} has its new credential; what was held goes on within seconds."
    if it.is_paused:
        said = f"{name} has its new credential, and stays paused by {it.paused_by}: {it.pause_reason} {_resume(name)}"
    return warnings, f"{said}{_written_as(it.writes_as, was)}"


def _written_as(writes_as: str, was: str) -> str:
    if not writes_as and not was:
        return ""
    before = "as before" if writes_as == was else f"was {was or 'nobody'}"
    return f" Writes go out as {writes_as or 'nobody'} ({before})."


def _resume(name: str) -> str:
    return f"What is held goes on after `syncd integrations resume {name}`."


def secret_added(name: str) -> str:
    return f"{name}: the secret is sealed; hooks signed with it are taken at /hooks/{name}."


def moved(setup: Setup, name: str) -> str:
    return f"{name} is asked at {setup.integration(name).base_url} from now on."


def sent_as(setup: Setup, name: str) -> str:
    return f"Our writes to {name} are made as {setup.integration(name).settings['from']} from now on."


def consented(name: str, *, is_new: bool) -> str:
    return f"{name}: consent is recorded." if is_new else f"{name}: consent was recorded before."


def tested(setup: Setup, name: str) -> Mapping[str, str]:
    return {
        **accounts.check(setup, name),
        **_what_it_sees(setup, name),
        **_whether_it_is_still_disconnected(setup, name),
    }


def _what_it_sees(setup: Setup, name: str) -> Mapping[str, str]:
    """Of an account that evidence is collected from: nothing passes by a key that sees less than all of it."""
    it = setup.integration(name)
    if it.system != "pagerduty" or not it.gives_evidence:
        return {}
    connections = Connections(setup.db, setup.vault, setup.clock, setup.tolls, setup.outgoing)
    with talking():
        answer = sights.seen(setup.pagerduty(name), connections, it, setup.trip("sight"))
    with setup.db.read() as tx:
        return {"sees": sights.compared(tx, name, answer)}


def _whether_it_is_still_disconnected(setup: Setup, name: str) -> Mapping[str, str]:
    """A credential that works again lets nothing go by itself: a worker has to have asked as well."""
    with setup.db.read() as tx:
        it = integrations.get(tx, name)
    if it is None or it.state is not IntegrationState.DISCONNECTED:
        return {}
    if it.is_paused:
        why = f"paused by {it.paused_by}: {it.pause_reason}"
        return {"state": f"still disconnected, and nobody asks it again while it is {why} {_resume(name)}"}
    at_once = f", and `syncd integrations rotate {name}` with the same credential does so at once"
    return {
        "state": f"still disconnected; a worker asks it again within {ASK_AGAIN_EVERY.total_seconds():.0f} s and then "
        f"lets everything go{'' if it.is_by_oauth else at_once}"
    }


def webhooks_made(name: str, made: Sequence[Rotated]) -> Json:
    shown = [{**asdict(one), "says": _made(name, one)} for one in made]
    return {"name": name, "made": shown, "says": " ".join(one["says"] for one in shown)}


def _made(name: str, one: Rotated) -> str:
    if not one.is_made:
        return (
            f"{name}: subscription {one.new} sends the same as {one.old}, whose secret was lost and which was deleted."
        )
    if one.old:
        return f"{name}: subscription {one.new} has proved its secret, and {one.old} was deleted."
    return f"PagerDuty made subscription {one.new}; its secret is sealed."
