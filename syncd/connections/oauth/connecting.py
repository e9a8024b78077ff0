"""Tokens have come: they are compared with what is needed and tried on the account, and only then stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from syncd.connections import in_use
from syncd.connections.grant import Grant
from syncd.connections.joining import accounts, pagerduty
from syncd.connections.joining.reach import Reached
from syncd.connections.joining.setup import Setup, talking
from syncd.connections.joining.terms import Joined
from syncd.core.changes import Side
from syncd.core.connection import Kind as Happened
from syncd.errors import Conflict, Misconfigured, SyncdError
from syncd.store import connection_log, diagnoses, integrations, keyring
from syncd.store.integrations import CHOSEN_SENDER, Integration
from syncd.systems.document import pick_name
from syncd.systems.pagerduty import client as rest
from syncd.systems.pagerduty import oauth
from syncd.systems.pagerduty.oauth import Given
from syncd.systems.trip import Trip

from .wanted import Wanted

_OWN = ".pagerduty.com"
_SIGN_IN = "the client id, its secret and its kind, as PagerDuty shows them where the application is registered"


@dataclass(frozen=True, slots=True)
class _Fixed:
    """A token that is new, and so needs no other."""

    value: str = field(repr=False)

    def token(self, _trip: Trip) -> str:
        return self.value

    def refused(self, token: str) -> None:
        """Nothing but a failed check comes of it."""


def connect_application(setup: Setup, it: Wanted) -> Reached:
    """By its own id and secret: nobody is asked."""
    begun(setup, it)
    try:
        http = oauth.sign_in(it.identity, (it.client.secret,), verify=it.ca_file or None, outgoing=setup.outgoing)
        with talking(_SIGN_IN):
            given = oauth.own(http, setup.trip("connect"), it.client, it.account, it.scopes)
        return connected(setup, it, given)
    except SyncdError as error:
        failed(setup, it, str(error))
        raise


def connected(setup: Setup, it: Wanted, given: Given) -> Reached:
    """Raises, and has stored nothing, unless what was granted suffices and the account can be used with it."""
    _refuse_less(it, given)
    _refuse_other_region(it, given)
    _refuse_other_account(setup, it, given)
    at = pagerduty.Placed(it.where, it.ca_file, is_read_only=it.purpose.is_read_only)
    reached, sent_as = pagerduty.reached_by(setup, it.slug, _Fixed(given.access), at, email=it.email)
    was = _writes_as(setup, it.slug)
    _store(setup, it, given, sent_as, reached)
    changed = (
        (f"Writes go out as {reached.sender} from now on (was {was}).",) if was not in {"", reached.sender} else ()
    )
    return replace(reached, is_two_way=_is_two_way(setup, it), warnings=(*reached.warnings, *changed))


def _writes_as(setup: Setup, slug: str) -> str:
    with setup.db.read() as tx:
        there = integrations.get(tx, slug)
    return "" if there is None else there.writes_as


def _is_two_way(setup: Setup, it: Wanted) -> bool:
    """An account that was there already stays on its own terms."""
    return setup.integration(it.slug).is_two_way


def begun(setup: Setup, it: Wanted) -> None:
    with setup.db.write() as tx:
        is_there = integrations.get(tx, it.slug) is not None
        kind = Happened.REINITIATED if is_there else Happened.INITIATED
        connection_log.add(tx, it.slug, kind, now=setup.db.now(tx), by=it.by, detail=_by_oauth(it))


def failed(setup: Setup, it: Wanted, why: str) -> None:
    with setup.db.write() as tx:
        connection_log.add(tx, it.slug, Happened.FAILED, now=setup.db.now(tx), by=it.by, detail=why)


def _store(setup: Setup, it: Wanted, given: Given, sent_as: Mapping[str, str], reached: Reached) -> None:
    slug, settings = it.slug, {"auth": str(it.client.kind), "identity": it.identity, "ca_file": it.ca_file, **sent_as}
    with setup.db.read() as tx:
        now = setup.db.now(tx)
    credentials = Grant.begun(it.client, given, now, it.account).credentials()
    if not _stored_anew(setup, it, credentials, settings, reached):
        _refuse_without_terms(it)
        setup.store(
            slug,
            system="pagerduty",
            side=Side.INCIDENT,
            base_url=it.where,
            settings=settings,
            credentials=credentials,
            joined=Joined(it.by, reached.host, f"{reached.host} ({reached.region}), {_by_oauth(it)}.", it.terms),
        )
    with setup.db.write() as tx:
        diagnoses.ask(tx, slug, setup.db.now(tx))  # What its token may do is asked at once.


def _stored_anew(
    setup: Setup, it: Wanted, credentials: Mapping[str, str], settings: Mapping[str, str], reached: Reached
) -> bool:
    """What its refusal held goes on with the next sweep, as after a rotation. False: there is no such account yet."""
    slug, sealed = it.slug, setup.vault.seal(f"integration:{it.slug}", credentials)
    with setup.db.write() as tx:
        keyring.hold(tx)
        there = integrations.lock(tx, slug)
        if there is None:
            return False
        _refuse_changed(it, there)
        if there.account_host and reached.host and there.account_host != reached.host:
            raise Conflict(
                f"{slug} is {there.account_host}, and this is {reached.host}; give that account another name."
            )
        chosen = {CHOSEN_SENDER: it.email or there.chosen_sender}  # It counts again with a key that leaves it to us.
        integrations.reseal(tx, slug, sealed, {**there.settings, **settings, **chosen, **in_use.setting(credentials)})
        now = setup.db.now(tx)
        accounts.note_sender(tx, there, settings, it.by, now)
        integrations.probe_later(tx, slug, now)
        connection_log.add(tx, slug, Happened.CONNECTED, now=now, by=it.by, detail=_by_oauth(it))
    return True


def _refuse_changed(it: Wanted, there: Integration) -> None:
    """Tokens are told to nobody but the address they were given for, and not to another system that took the name."""
    if there.system != "pagerduty":
        raise Conflict(
            f"{it.slug} is no PagerDuty account: meanwhile a {there.called} was connected by that name, so nothing was "
            "stored; authorise this one by another name."
        )
    if rest.base_url(there.base_url) != rest.base_url(it.where):
        raise Conflict(
            f"{it.slug} is asked at {there.base_url} by now, and this was begun for {it.where}, so nothing was stored; begin again: "
            f"`syncd integrations authorise {it.slug}`."
        )


def _refuse_without_terms(it: Wanted) -> None:
    """It was begun for an account that was there, which had agreed to its own."""
    if it.terms is None:
        raise Conflict(
            f"{it.slug} was removed meanwhile, and nobody has consented for another of that name, so nothing was stored; begin "
            f"again: `syncd integrations authorise {it.slug}`."
        )


def _refuse_less(it: Wanted, given: Given) -> None:
    short = oauth.missing(it.client.kind, given, it.purpose)
    if short and it.account and oauth.is_nothing(given):
        region, _, subdomain = it.account.partition(".")
        raise Misconfigured(
            f"PagerDuty granted {', '.join(given.scopes) or 'no scope'} alone; check that {subdomain} (--subdomain) is the account that "
            f"the application is registered in, that {region} (--where) is its region, and that the application has the scopes "
            f"{', '.join(short)}, and authorise again: nothing was stored."
        )
    if short:
        what = "evidence" if it.purpose.is_read_only else "sync"
        raise Misconfigured(
            f"PagerDuty granted {', '.join(given.scopes) or 'no scope'}, and {what} needs {', '.join(short)} as well; add what is "
            "missing to the application in PagerDuty, and authorise again: nothing was stored."
        )


def _refuse_other_region(it: Wanted, given: Given) -> None:
    region = oauth.region_of(given)
    if it.where in rest.REGIONS.values() and region in rest.REGIONS and rest.REGIONS[region] != it.where:
        raise Misconfigured(
            f"This account is in the region {region}, and {it.where} is not; authorise with --where {region}."
        )


def _refuse_other_account(setup: Setup, it: Wanted, given: Given) -> None:
    """Its links lead to incidents of the account it was connected to. Only PagerDuty's own names begin with a subdomain; of another
    address it is the page of whoever writes that tells, before anything is stored.
    """
    with setup.db.read() as tx:
        there = integrations.get(tx, it.slug)
    subdomain, host = pick_name(given.claims, "subdomain"), "" if there is None else there.account_host
    if subdomain and host.endswith(_OWN) and host.partition(".")[0] != subdomain:
        raise Misconfigured(
            f"{it.slug} is connected to {host}, and whoever agreed is signed in at {subdomain}; sign in at {host}, and "
            "authorise again."
        )


def _by_oauth(it: Wanted) -> str:
    return f"by OAuth ({it.client.kind})"
