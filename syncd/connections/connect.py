"""Setting up an account: everything is checked with the other side first, and nothing is stored until it was."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from syncd.clock import Clock
from syncd.core.changes import Side
from syncd.errors import (
    Ambiguous,
    Conflict,
    Misconfigured,
    NotFound,
    OffLimits,
    RateLimited,
    ReadOnly,
    Unauthorised,
    Unavailable,
    Unreachable,
    cause_of,
)
from syncd.outgoing import PUBLIC_ONLY, Outgoing
from syncd.store import hook_secrets, integrations, keyring, reconciles, watches
from syncd.store.database import Database, Tx
from syncd.store.integrations import Integration
from syncd.systems import casedesk
from syncd.systems.http import Http
from syncd.systems.pagerduty import account, client
from syncd.systems.pagerduty.account import KeyKind, Service, Subscription
from syncd.systems.trip import Trip

from .missed import ask_before_a_secret, unseen_since
from .overlap import described, overlaps, second
from .vault import Vault
from .visit import WHY

BUILTIN = "cases"  # the slug of the built-in case system
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_REST_KEY_LENGTH, _EVENTS_KEY_LENGTH = 20, 32
_SHORTEST_SECRET = 16  # PagerDuty's have 64 characters; a shorter one than this was cut off, or can be guessed
_SETUP_SECONDS = 30.0
#: What to check when a credential is refused: only who adds an account says where it is.
_WHERE_IS_GIVEN = "the credential, and that --where names the region or address it belongs to"
_IS_OF_THIS_ACCOUNT = "that the credential is one of this account, and that nobody has withdrawn it there"


@dataclass(frozen=True, slots=True)
class Reached:
    """What was found on the other side, for the person who connects it."""

    slug: str
    key: KeyKind
    sender: str
    services: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Setup:
    db: Database
    vault: Vault
    clock: Clock
    outgoing: Outgoing = PUBLIC_ONLY

    def trip(self, label: str) -> Trip:
        return Trip.begin(label, self.clock.monotonic, _SETUP_SECONDS)

    def add_pagerduty(self, slug: str, *, api_key: str, email: str, where: str = "us", ca_file: str = "") -> Reached:
        slug, ca_file = named(slug), _absolute(ca_file)
        self.refuse_taken(slug)
        with talking(_WHERE_IS_GIVEN):
            reached, sender, api_key = self._reach(slug, api_key, email, where, ca_file)
        settings = {**_sent_as(sender), "ca_file": ca_file}
        self._store(slug, "pagerduty", Side.INCIDENT, client.base_url(where), settings, {"api_key": api_key})
        return reached

    def add_casedesk(
        self, slug: str, *, base_url: str, token: str, writes_as: str = "syncd", ca_file: str = ""
    ) -> None:
        slug, ca_file, token = named(slug), _absolute(ca_file), _trimmed_token(token)
        self.refuse_taken(slug)
        with talking(_WHERE_IS_GIVEN):
            self._check_casedesk(base_url, token, writes_as, ca_file)
        settings = {"account": writes_as, "ca_file": ca_file}
        self._store(slug, "casedesk", Side.CASE, base_url.rstrip("/"), settings, {"token": token})

    def rotate(self, slug: str, credential: str, *, email: str = "") -> Sequence[str]:
        """Give an account another credential, and PagerDuty's another user for our writes where one is named.

        What their refusal held goes on with the next sweep; what to mind about them.
        """
        with self.db.read() as tx:
            it = _existing(tx, slug)
        settings, ca_file = it.settings, it.settings.get("ca_file", "")
        if it.system == "pagerduty":
            with talking():
                reached, sender, credential = self._reach(
                    slug, credential, email or settings["from"], it.base_url, ca_file
                )
            settings = {**settings, **_sent_as(sender)}
            credentials, warnings = {"api_key": credential}, reached.warnings
        elif email:
            raise Conflict(f"{slug} is not a PagerDuty account; leave --email out.")
        elif it.system == "casedesk":
            credential = _trimmed_token(credential)
            with talking():
                self._check_casedesk(it.base_url, credential, settings["account"], ca_file)
            credentials, warnings = {"token": credential}, ()
        else:
            raise Conflict(f"{slug} has no credential; the built-in cases live in this database.")
        sealed = self.vault.seal(f"integration:{slug}", credentials)
        with self.db.write() as tx:
            integrations.reseal(tx, slug, sealed, settings)
            integrations.probe_later(tx, slug, self.db.now(tx))
        return warnings

    def add_hook_secret(self, slug: str, secret: str, *, subscription: str = "") -> None:
        secret = secret.strip()
        if not secret:
            raise Misconfigured("The webhook secret is empty; paste the one the other side showed when it was made.")
        if len(secret) < _SHORTEST_SECRET:
            raise Misconfigured(
                f"The webhook secret is shorter than {_SHORTEST_SECRET} characters, so it was cut off or made up; paste the "
                "whole one the other side showed when it was made."
            )
        with self.db.write() as tx:
            if _existing(tx, slug).system == "cases":
                raise Conflict(f"{slug} needs no webhook; the built-in cases live in this database.")
            sealed = self.vault.seal(f"hook:{slug}", {"secret": secret})
            now = self.db.now(tx)
            ask_before_a_secret(tx, slug, now)
            integrations.add_hook_secret(tx, slug, sealed, subscription, now)

    def make_webhook(self, slug: str, public_url: str, *, service: str = "") -> str:
        """Have PagerDuty send us its events. Its secret is told once, so it is sealed at once."""
        self.refuse_other_webhooks(slug)
        if not public_url:
            raise Misconfigured(
                "PagerDuty cannot reach this daemon, because public_url is not set; set SYNCD_PUBLIC_URL, or make the "
                "subscription in PagerDuty and paste its secret."
            )
        url = f"{public_url}/hooks/{slug}"
        with talking():
            http = self.pagerduty(slug)
            service_id = chosen(account.list_services(http, self.trip("webhook")), service).id if service else ""
            there = account.list_subscriptions(http, self.trip("webhook"))
            self._refuse_second(slug, there, url, service_id)
            made = account.create_subscription(http, self.trip("webhook"), url, service_id, described(slug))
            self._keep(slug, made, lambda: account.delete_subscription(http, self.trip("webhook"), made.id))
        self.forget_gone(slug, {one.id for one in (*there, made)})
        return made.id

    def forget_gone(self, slug: str, there: Collection[str]) -> None:
        """Subscriptions of ours that somebody deleted over there sign nothing any more."""
        with self.db.write() as tx:
            integrations.lock(tx, slug)
            gone = [one for one in hook_secrets.ours(tx, slug) if one.subscription not in there]
            for one in gone:
                hook_secrets.forget(tx, slug, one.subscription)
            if gone:
                now, since = self.db.now(tx), unseen_since(tx, slug, gone)
                watches.hasten(tx, slug, now)
                if since is not None:
                    reconciles.ask(tx, slug, since, why=WHY, by="", now=now)

    def _refuse_second(self, slug: str, there: Sequence[Subscription], url: str, service_id: str) -> None:
        """Where two overlap, every event would be sent twice."""
        with self.db.read() as tx:
            kept = {one.subscription for one in hook_secrets.ours(tx, slug)}
        for one in there:
            if overlaps(one, url, service_id):
                raise Conflict(second(slug, one, is_ours=one.id in kept or one.description == described(slug)))

    def refuse_other_webhooks(self, slug: str) -> None:
        with self.db.read() as tx:
            system = _existing(tx, slug).system
        if system not in {"pagerduty", BUILTIN}:
            raise Conflict(
                f"Only PagerDuty makes webhooks for syncd; make one to /hooks/{slug} in {slug} itself, and paste its "
                f"secret: `syncd integrations webhook {slug}`."
            )

    def _keep(self, slug: str, made: Subscription, undo: Callable[[], None]) -> None:
        """A subscription whose secret is not sealed here would send hooks that nobody can prove."""
        if not made.secret:
            undo()
            raise Misconfigured("PagerDuty made the subscription without telling its secret; it was deleted again.")
        try:
            self.add_hook_secret(slug, made.secret, subscription=made.id)
        except BaseException:
            undo()
            raise

    def test(self, slug: str) -> Mapping[str, str]:
        """What a credential check says, in words for a person."""
        with self.db.read() as tx:
            it = _existing(tx, slug)
        if it.system == "pagerduty":
            key, settings = self._credentials(it)["api_key"], it.settings
            with talking():
                reached, *_ = self._reach(slug, key, settings["from"], it.base_url, settings.get("ca_file", ""))
            warnings = {"mind": " ".join(reached.warnings)} if reached.warnings else {}
            return {"credential": "accepted", "services": str(reached.services), **warnings}
        if it.system == "casedesk":
            token, settings = self._credentials(it)["token"], it.settings
            with talking():
                self._check_casedesk(it.base_url, token, settings["account"], settings.get("ca_file", ""))
            return {"credential": "accepted"}
        return {"credential": "none is needed"}

    def pagerduty(self, slug: str) -> Http:
        with self.db.read() as tx:
            integration = _existing(tx, slug)
        if integration.system != "pagerduty":
            raise Conflict(f"{slug} is not a PagerDuty account; `syncd integrations list` shows those there are.")
        settings = integration.settings
        key = self._credentials(integration)["api_key"]
        return self._http(key, settings["from"], integration.base_url, settings.get("ca_file", ""))

    def _http(self, api_key: str, email: str, where: str, ca_file: str) -> Http:
        return client.http(api_key, email, where, verify=ca_file or None, outgoing=self.outgoing)

    def _reach(
        self, slug: str, api_key: str, email: str, where: str, ca_file: str
    ) -> tuple[Reached, account.User, str]:
        """The account, asked with this key; the user our writes are made as; and the key as it will be sent."""
        api_key, email = _trimmed_key(api_key), email.strip()
        if not email:
            raise Misconfigured("No user is named for our writes; name one of PagerDuty's by --email.")
        http, trip = self._http(api_key, email, where, ca_file), self.trip("connect")
        http.send(trip, "GET", "/abilities")
        kind, owner = account.whose_key(http, trip)
        sender = account.find_user(http, trip, email)
        if sender is None:
            message = f"PagerDuty has no user with the e-mail address {email}; name one of its users by --email."
            raise Misconfigured(message)
        account.refuse_reader(http, trip)
        services = account.list_services(http, trip)
        warnings = []
        if kind is KeyKind.USER and owner is not None:
            warnings.append(f"This is {owner.name}'s personal key: it dies with that user. An account key does not.")
        if not sender.can_respond:
            warnings.append(
                f"{sender.name} may not respond to incidents ({sender.role}); PagerDuty will refuse our writes."
            )
        return Reached(slug, kind, sender.email, len(services), tuple(warnings)), sender, api_key

    def _check_casedesk(self, base_url: str, token: str, writes_as: str, ca_file: str) -> None:
        http = casedesk.http(base_url, token, verify=ca_file or None, outgoing=self.outgoing)
        problems = casedesk.CaseDesk(http, writes_as).check(self.trip("connect"))
        if problems:
            raise Misconfigured(" ".join(one.sentence for one in problems))

    def _credentials(self, integration: Integration) -> Mapping[str, str]:
        if integration.sealed is None:
            raise Misconfigured(f"{integration.slug} has no credential; `syncd integrations rotate` gives it one.")
        return self.vault.unseal(f"integration:{integration.slug}", integration.sealed)

    def refuse_taken(self, slug: str) -> None:
        """Before anybody is asked for anything, a person for a secret included."""
        slug = named(slug)
        with self.db.read() as tx:
            _refuse_taken(tx, slug)

    def _store(
        self,
        slug: str,
        system: str,
        side: Side,
        base_url: str,
        settings: Mapping[str, str],
        credentials: Mapping[str, str],
    ) -> None:
        sealed = self.vault.seal(f"integration:{slug}", credentials)
        with self.db.write() as tx:
            # The check took its time, and somebody else may have taken the name meanwhile.
            keyring.hold(tx)
            _refuse_taken(tx, slug)
            integrations.add(
                tx,
                slug=slug,
                system=system,
                side=side,
                base_url=base_url,
                settings=settings,
                sealed=sealed,
                now=self.db.now(tx),
            )


def ensure_builtin(db: Database, site: str, *, is_home: bool = True) -> None:
    """The built-in cases are always there. Their address is that of the daemon, which alone `is_home` to them."""
    with db.read() as tx:
        there = integrations.get(tx, BUILTIN)
    if there is not None and (there.base_url == site or not is_home):
        return
    with db.write() as tx:
        # Two daemons that start at once must not both be first.
        keyring.hold(tx)
        if integrations.get(tx, BUILTIN) is not None:
            integrations.move(tx, BUILTIN, site)
            return
        integrations.add(
            tx,
            slug=BUILTIN,
            system="cases",
            side=Side.CASE,
            base_url=site,
            settings={},
            sealed=None,
            now=db.now(tx),
        )


def named(slug: str) -> str:
    """A name that can stand in an address."""
    slug = slug.strip()
    if not _SLUG.fullmatch(slug):
        raise Misconfigured(f"{slug!r} cannot be a name; use small letters, digits and hyphens, at most 63.")
    return slug


def chosen(services: Sequence[Service], wanted: str) -> Service:
    """By id, or by a name that only one has."""
    found = [one for one in services if wanted == one.id] or [one for one in services if wanted == one.name]
    if len(found) == 1:
        return found[0]
    names = ", ".join(sorted(f"{one.name} ({one.id})" for one in (found or services))[:20])
    if found:
        raise Misconfigured(f"Several services are called {wanted}; use an id: {names}.")
    raise NotFound(f"The account has no service {wanted}; it has {names or 'none'}.")


def _sent_as(sender: account.User) -> dict[str, str]:
    return {"from": sender.email, "from_user_id": sender.id, "from_name": sender.name}


@contextmanager
def talking(check: str = _IS_OF_THIS_ACCOUNT) -> Iterator[None]:
    """In a setup nothing is tried again by itself, and somebody who cannot be reached is no fault of the settings."""
    try:
        yield
    except (OffLimits, ReadOnly) as error:
        raise Misconfigured(str(error)) from error
    except Unauthorised as error:
        raise Misconfigured(f"{cause_of(str(error))}; check {check}.") from error
    except (Unreachable, Ambiguous, RateLimited) as error:
        raise Unavailable(f"{cause_of(str(error))}; check the address and the network, and try again.") from error


def _refuse_taken(tx: Tx, slug: str) -> None:
    if integrations.get(tx, slug) is not None:
        raise Conflict(
            f"There is an integration called {slug} already; give it another credential by `syncd integrations rotate {slug}`, "
            "or choose another name for this one."
        )


def _existing(tx: Tx, slug: str) -> Integration:
    there = integrations.get(tx, slug)
    if there is None:
        raise NotFound(f"There is no integration called {slug}; `syncd integrations list` shows those there are.")
    return there


def _trimmed_key(api_key: str) -> str:
    key = api_key.strip().removeprefix("Token token=").strip()
    if not key:
        raise Misconfigured("The API key is empty; make one in PagerDuty under Integrations, API Access Keys.")
    if len(key) == _EVENTS_KEY_LENGTH and key.isalnum():
        raise Misconfigured(
            f"This is {_EVENTS_KEY_LENGTH} characters long, as an Events integration key is; "
            f"a REST API key has {_REST_KEY_LENGTH}."
        )
    return key


def _trimmed_token(token: str) -> str:
    token = token.strip()
    if not token:
        raise Misconfigured("The API token is empty; give the one that the case system made for syncd.")
    return token


def _absolute(file: str) -> str:
    """The workers stand in another folder than whoever sets them up."""
    return str(Path(file).expanduser().absolute()) if file else ""
