"""A restored backup has lost the secret of a subscription that was made since: it is taken over, and a person's is left alone."""

from __future__ import annotations

import pytest

from syncd.connections.webhooks.making import forget_gone, make_webhook
from syncd.connections.webhooks.rotation import Rotated, Rotation
from syncd.errors import Conflict, Unavailable
from syncd.flow import accept
from syncd.simulator.account import Subscription
from syncd.store import hook_secrets
from tests.connections.site import ACME, PUBLIC, Site

HERE = f"{PUBLIC}/hooks/{ACME}"


def _rotation(site: Site) -> Rotation:
    def carry(seconds: float) -> None:
        site.clock.forward(seconds)
        site.carry()

    return Rotation(site.setup, ACME, PUBLIC, carry)


def _lost(site: Site, *, service: str = "") -> Subscription:
    """It was made, and the database that knew it is gone."""
    made = site.there[make_webhook(site.setup, ACME, "https://other.test", service=service)]
    with site.db.write() as tx:
        hook_secrets.forget(tx, ACME, made.id)
    made.url = HERE
    return made


def _kept(site: Site) -> list[tuple[str, str]]:
    with site.db.read() as tx:
        return [(one.subscription, one.replaces) for one in hook_secrets.listing(tx, ACME)]


def _act(site: Site, how: str) -> list[Rotated]:
    return list(_rotation(site).run() if how == "--rotate" else _rotation(site).create())


def _is_in_order(site: Site, new: str) -> None:
    assert (list(site.there), _kept(site)) == ([new], [(new, "")])
    assert site.there[new].url == HERE
    site.open()
    assert site.carry() == [True]
    assert site.look(0), "at once"
    assert (site.watch().troubles, site.findings()) == ([], [])


@pytest.mark.parametrize("how", ["--rotate", "--create"])
@pytest.mark.parametrize("is_seen", [True, False])
def test_it_takes_the_place_of_the_one_that_the_backup_knows_and_that_is_gone(
    site: Site, subscribed: Subscription, how: str, *, is_seen: bool
) -> None:
    lost = _lost(site)
    del site.there[subscribed.id]
    if is_seen:
        site.look()
    site.open()
    assert site.carry() == [False], "nothing it sends can be proved"
    refused_at = site.clock.now()
    accept.turn_away(site.db, site.connections.refresh(ACME), "The signature matches no secret.")
    site.clock.forward(3600)
    (done,) = _act(site, how)
    assert done.old == lost.id
    assert done.new not in {lost.id, subscribed.id}
    _is_in_order(site, done.new)
    ((_, since),) = site.asked()
    assert since <= refused_at, "what was refused is looked for, once"


@pytest.mark.parametrize("how", ["--rotate", "--create"])
def test_it_is_taken_over_where_the_backup_knows_of_none(site: Site, how: str) -> None:
    made = {site.connect().id}
    forget_gone(site.setup, ACME, made, made)
    with site.db.write() as tx:
        (only,) = site.there
        hook_secrets.forget(tx, ACME, only)
    (done,) = _act(site, how)
    assert (done.old, list(site.there), _kept(site)) == (only, [done.new], [(done.new, "")])


def test_where_one_that_is_known_sends_the_same_it_is_only_deleted(site: Site, subscribed: Subscription) -> None:
    lost = _lost(site)
    assert _rotation(site).create() == [Rotated(lost.id, subscribed.id, is_made=False)]
    assert _kept(site) == [(subscribed.id, "")]
    again = _lost(site)
    first, second = _rotation(site).run()
    assert (first.old, second) == (subscribed.id, Rotated(again.id, first.new, is_made=False))
    assert (list(site.there), _kept(site)) == ([first.new], [(first.new, "")])


def test_one_for_a_service_stays_one_for_that_service(site: Site, subscribed: Subscription) -> None:
    lost = _lost(site, service="Payments")
    service = lost.filter_id
    del site.there[subscribed.id]
    (done,) = _rotation(site).run()
    assert site.there[done.new].filter_id == service


def test_one_for_another_service_is_no_hindrance(site: Site, subscribed: Subscription) -> None:
    lost = _lost(site, service="Payments")
    del site.there[subscribed.id]
    (done,) = _rotation(site).create("Checkout")
    assert (done.old, set(site.there)) == ("", {lost.id, done.new})


@pytest.mark.parametrize("how", ["--rotate", "--create"])
def test_without_a_ping_it_stays_and_nothing_is_forgotten(site: Site, subscribed: Subscription, how: str) -> None:
    lost = _lost(site)
    del site.there[subscribed.id]

    def rest(seconds: float) -> None:
        site.clock.forward(seconds)
        site.lose()

    rotation = Rotation(site.setup, ACME, PUBLIC, rest)
    with pytest.raises(Unavailable, match="did not arrive"):
        rotation.run() if how == "--rotate" else rotation.create()
    assert (list(site.there), _kept(site)) == ([lost.id], [(subscribed.id, "")])


def test_whoever_is_interrupted_is_told_and_a_second_run_ends_it(site: Site, subscribed: Subscription) -> None:
    lost = _lost(site)
    del site.there[subscribed.id]

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Rotation(site.setup, ACME, PUBLIC, interrupted).create()
    assert any("finish it: `syncd integrations webhook acme --rotate`" in one for one in site.findings())
    with pytest.raises(Conflict, match="webhook acme --rotate` replaces it"):
        _rotation(site).create()
    (done,) = _rotation(site).run()
    assert done.old == lost.id
    assert list(site.there) == [done.new]


def test_one_that_a_person_made_is_theirs_to_delete(site: Site, subscribed: Subscription) -> None:
    theirs = _lost(site)
    theirs.description = "Ana's"
    del site.there[subscribed.id]
    with pytest.raises(Conflict, match=r"was deleted in PagerDuty; have another one made: .* --create"):
        _rotation(site).run()
    with pytest.raises(
        Conflict, match=rf"has subscription {theirs.id} .*syncd did not make it.*Delete {theirs.id} in"
    ) as no:
        _rotation(site).create()
    assert "--rotate" not in str(no.value)
    assert list(site.there) == [theirs.id]
