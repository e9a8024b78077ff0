"""The one table of who may do what over HTTP: each route needs one action. What does not stand here, nobody may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from syncd.console.case_acts import BODIES
from syncd.core.permissions import Action

Place = tuple[str, str]  # method, path


class Reach(Enum):
    """What a token that may touch only some integrations has to reach, for this route."""

    WHOLE = auto()  # it concerns every account, so such a token is refused
    NAMED = auto()  # the integration that its address names
    LINK = auto()  # the PagerDuty account of the link that its address names
    CASE = auto()  # the PagerDuty account of that case's link, or before it has one of its connector
    DELIVERY = auto()  # the one of that delivery
    ARRIVAL = auto()  # the one that hook came from
    INSIDE = auto()  # its own code narrows what it shows, or looks into the body


@dataclass(frozen=True, slots=True)
class Permit:
    action: Action
    reach: Reach = Reach.WHOLE


_CASES_READ, _CASES_WRITE = Permit(Action.CASES_READ), Permit(Action.CASES_WRITE)

API: Mapping[Place, Permit] = {
    ("GET", "/v1/cases"): Permit(Action.CASES_READ, Reach.INSIDE),
    ("POST", "/v1/cases"): Permit(Action.CASES_WRITE, Reach.INSIDE),
    ("GET", "/v1/cases/{key}"): Permit(Action.CASES_READ, Reach.CASE),
    ("GET", "/v1/names"): Permit(Action.CASES_READ, Reach.INSIDE),  # the same for everybody
    **{("POST", f"/v1/cases/{{key}}/{act}"): Permit(Action.CASES_WRITE, Reach.CASE) for act in BODIES},
    ("GET", "/v1/links"): Permit(Action.SYNC_READ, Reach.INSIDE),
    ("GET", "/v1/links/{link:number}"): Permit(Action.SYNC_READ, Reach.LINK),
    ("POST", "/v1/links/{link:number}/pause"): Permit(Action.SYNC_OPERATE, Reach.LINK),
    ("POST", "/v1/links/{link:number}/resume"): Permit(Action.SYNC_OPERATE, Reach.LINK),
    ("GET", "/v1/links/{link:number}/compare"): Permit(Action.SYNC_READ, Reach.LINK),
    ("GET", "/v1/why"): Permit(Action.SYNC_READ, Reach.INSIDE),
    ("GET", "/v1/why/{ref}"): Permit(Action.SYNC_READ, Reach.INSIDE),
    ("GET", "/v1/conflicts"): Permit(Action.SYNC_READ, Reach.INSIDE),
    ("POST", "/v1/conflicts/resolve"): Permit(Action.SYNC_OPERATE, Reach.INSIDE),
    ("GET", "/v1/deliveries"): Permit(Action.SYNC_READ, Reach.INSIDE),
    ("GET", "/v1/deliveries/facets"): Permit(Action.SYNC_READ, Reach.INSIDE),
    ("GET", "/v1/deliveries/histogram"): Permit(Action.SYNC_READ, Reach.INSIDE),
    ("GET", "/v1/deliveries/lag"): Permit(Action.SYNC_READ, Reach.INSIDE),
    ("GET", "/v1/deliveries/export"): Permit(Action.SYNC_READ, Reach.INSIDE),
    ("GET", "/v1/deliveries/export/{action:number}"): Permit(Action.SYNC_READ, Reach.INSIDE),  # one's own
    ("GET", "/v1/deliveries/tail"): Permit(Action.SYNC_READ, Reach.INSIDE),
    ("GET", "/v1/deliveries/fields"): Permit(Action.SYNC_READ, Reach.INSIDE),  # a catalogue, of no account
    ("GET", "/v1/deliveries/{delivery:number}"): Permit(Action.SYNC_READ, Reach.DELIVERY),
    ("POST", "/v1/deliveries/replay"): Permit(Action.SYNC_OPERATE, Reach.INSIDE),
    ("POST", "/v1/deliveries/park"): Permit(Action.SYNC_OPERATE, Reach.INSIDE),
    # What a hook carried is what deliveries show of it; a token for some accounts sees those that came from them.
    ("GET", "/v1/arrivals"): Permit(Action.SYNC_READ, Reach.INSIDE),
    ("GET", "/v1/arrivals/{arrival:number}"): Permit(Action.SYNC_READ, Reach.ARRIVAL),
    ("GET", "/v1/status"): Permit(Action.SYNC_READ),
    # One's own are a reader's; of everybody's the code asks for more. They may name cases of any account.
    ("GET", "/v1/views"): Permit(Action.SYNC_READ),
    ("POST", "/v1/views"): Permit(Action.SYNC_READ),
    ("DELETE", "/v1/views/{name}"): Permit(Action.SYNC_READ),
    ("GET", "/v1/repairs"): Permit(Action.SYNC_READ, Reach.INSIDE),
    ("POST", "/v1/repairs"): Permit(Action.SYNC_OPERATE, Reach.INSIDE),
    ("GET", "/v1/integrations"): Permit(Action.INTEGRATIONS_READ, Reach.INSIDE),
    # To hold an account back in an emergency is an operator's work; adding, changing and removing one is an admin's.
    ("POST", "/v1/integrations/{slug}/pause"): Permit(Action.SYNC_OPERATE, Reach.NAMED),
    ("POST", "/v1/integrations/{slug}/resume"): Permit(Action.SYNC_OPERATE, Reach.NAMED),
    ("POST", "/v1/integrations/{slug}/observe"): Permit(Action.SYNC_OPERATE, Reach.NAMED),
    ("GET", "/v1/integrations/{slug}/log"): Permit(Action.INTEGRATIONS_READ, Reach.NAMED),
    # Of every account, also of those that were removed.
    ("GET", "/v1/connection-log"): Permit(Action.INTEGRATIONS_READ, Reach.INSIDE),
    ("GET", "/v1/integrations/{slug}/checks"): Permit(Action.INTEGRATIONS_READ, Reach.NAMED),
    ("POST", "/v1/integrations/{slug}/test"): Permit(Action.SYNC_OPERATE, Reach.NAMED),
    ("POST", "/v1/integrations"): Permit(Action.INTEGRATIONS_MANAGE),
    ("POST", "/v1/integrations/{slug}/rotate"): Permit(Action.INTEGRATIONS_MANAGE, Reach.NAMED),
    ("POST", "/v1/integrations/{slug}/reconnect"): Permit(Action.INTEGRATIONS_MANAGE, Reach.NAMED),
    ("POST", "/v1/integrations/{slug}/webhook"): Permit(Action.INTEGRATIONS_MANAGE, Reach.NAMED),
    ("POST", "/v1/integrations/{slug}/webhook/create"): Permit(Action.INTEGRATIONS_MANAGE, Reach.NAMED),
    ("POST", "/v1/integrations/{slug}/webhook/rotate"): Permit(Action.INTEGRATIONS_MANAGE, Reach.NAMED),
    ("POST", "/v1/integrations/{slug}/set"): Permit(Action.INTEGRATIONS_MANAGE, Reach.NAMED),
    # Of one that is not there its code asks for what adding needs.
    ("POST", "/v1/integrations/{slug}/authorise"): Permit(Action.INTEGRATIONS_MANAGE, Reach.NAMED),
    ("GET", "/v1/integrations/{slug}/authorisations/{authorisation}"): Permit(Action.INTEGRATIONS_READ, Reach.NAMED),
    ("POST", "/v1/integrations/{slug}/two-way"): Permit(Action.INTEGRATIONS_MANAGE, Reach.NAMED),
    ("DELETE", "/v1/integrations/{slug}"): Permit(Action.INTEGRATIONS_MANAGE, Reach.NAMED),
    # A second one makes a rule, and rules send cases from one account to another.
    ("POST", "/v1/connectors"): Permit(Action.INTEGRATIONS_MANAGE),
    ("GET", "/v1/connectors"): Permit(Action.INTEGRATIONS_READ, Reach.INSIDE),
    ("DELETE", "/v1/connectors/{name}"): Permit(Action.INTEGRATIONS_MANAGE, Reach.INSIDE),
    ("GET", "/v1/connectors/{name}/mappings"): Permit(Action.INTEGRATIONS_READ, Reach.INSIDE),
    ("POST", "/v1/connectors/{name}/priorities"): Permit(Action.INTEGRATIONS_MANAGE, Reach.INSIDE),
    ("GET", "/v1/codes"): Permit(Action.INTEGRATIONS_READ, Reach.INSIDE),  # a catalogue, of no account
    ("POST", "/v1/alerts"): Permit(Action.CASES_WRITE, Reach.INSIDE),
    # Rules send cases from one account to another, and presets name several.
    ("GET", "/v1/routes"): Permit(Action.INTEGRATIONS_READ),
    ("GET", "/v1/routes/explain"): Permit(Action.INTEGRATIONS_READ),
    ("GET", "/v1/routes/export"): Permit(Action.INTEGRATIONS_READ),
    ("POST", "/v1/routes"): Permit(Action.INTEGRATIONS_MANAGE),
    ("POST", "/v1/routes/import"): Permit(Action.INTEGRATIONS_MANAGE),
    ("POST", "/v1/routes/{name}/move"): Permit(Action.INTEGRATIONS_MANAGE),
    ("POST", "/v1/routes/{name}/remove"): Permit(Action.INTEGRATIONS_MANAGE),
    ("GET", "/v1/presets"): Permit(Action.INTEGRATIONS_READ),
    ("GET", "/v1/presets/preview"): Permit(Action.INTEGRATIONS_READ),
    ("POST", "/v1/presets"): Permit(Action.INTEGRATIONS_MANAGE),
    ("POST", "/v1/presets/{name}/remove"): Permit(Action.INTEGRATIONS_MANAGE),
    # Evidence is an auditor's. A bundle changes nothing over there: it is what an auditor takes along.
    ("GET", "/v1/evidence"): Permit(Action.EVIDENCE_READ, Reach.INSIDE),
    ("GET", "/v1/evidence/key"): Permit(Action.EVIDENCE_READ, Reach.INSIDE),  # of this installation, and public
    ("GET", "/v1/evidence/{slug}"): Permit(Action.EVIDENCE_READ, Reach.NAMED),
    ("GET", "/v1/evidence/{slug}/status"): Permit(Action.EVIDENCE_READ, Reach.NAMED),
    ("GET", "/v1/evidence/{slug}/findings/{check}"): Permit(Action.EVIDENCE_READ, Reach.NAMED),
    ("GET", "/v1/evidence/{slug}/acceptances"): Permit(Action.EVIDENCE_READ, Reach.NAMED),
    ("GET", "/v1/evidence/{slug}/snapshots"): Permit(Action.EVIDENCE_READ, Reach.NAMED),
    ("GET", "/v1/evidence/{slug}/diff"): Permit(Action.EVIDENCE_READ, Reach.NAMED),
    ("POST", "/v1/evidence/{slug}/bundle"): Permit(Action.EVIDENCE_READ, Reach.NAMED),
    ("POST", "/v1/evidence/{slug}/collect"): Permit(Action.EVIDENCE_OPERATE, Reach.NAMED),
    ("POST", "/v1/evidence/{slug}/accept"): Permit(Action.EVIDENCE_OPERATE, Reach.NAMED),
    ("POST", "/v1/evidence/{slug}/withdraw"): Permit(Action.EVIDENCE_OPERATE, Reach.NAMED),
    # They name every account, and channels are of none.
    ("GET", "/v1/notices"): Permit(Action.SYNC_READ),
    ("GET", "/v1/channels"): Permit(Action.INTEGRATIONS_READ),
    ("GET", "/v1/tokens"): Permit(Action.ACCESS_READ),
    ("POST", "/v1/tokens"): Permit(Action.ACCESS_MANAGE),
    ("POST", "/v1/tokens/{token}/revoke"): Permit(Action.ACCESS_MANAGE),
    ("GET", "/v1/users"): Permit(Action.ACCESS_READ),
    ("POST", "/v1/users"): Permit(Action.ACCESS_MANAGE),
    ("POST", "/v1/users/{name}/password"): Permit(Action.ACCESS_MANAGE),
    ("POST", "/v1/users/{name}/disable"): Permit(Action.ACCESS_MANAGE),
    ("GET", "/v1/actions"): Permit(Action.ACCESS_READ),
    ("GET", "/v1/actions/{action:number}"): Permit(Action.ACCESS_READ),
}

_SYNC_READ, _SYNC_OPERATE = Permit(Action.SYNC_READ), Permit(Action.SYNC_OPERATE)
_ACCOUNTS_READ, _EVIDENCE_READ = Permit(Action.INTEGRATIONS_READ), Permit(Action.EVIDENCE_READ)

PAGES: Mapping[Place, Permit] = {
    ("GET", "/overview"): _SYNC_READ,
    ("GET", "/overview/events"): _SYNC_READ,
    ("GET", "/why"): _SYNC_READ,
    ("GET", "/links"): _SYNC_READ,
    ("GET", "/links/events"): _SYNC_READ,
    ("GET", "/links/{link:number}/events"): _SYNC_READ,
    ("GET", "/links/{link:number}"): _SYNC_READ,
    ("POST", "/links/{link:number}/{act}"): _SYNC_OPERATE,
    ("GET", "/conflicts"): _SYNC_READ,
    ("POST", "/conflicts"): _SYNC_OPERATE,
    ("GET", "/deliveries"): _SYNC_READ,
    ("GET", "/deliveries/of/{packed}"): _SYNC_READ,
    ("POST", "/deliveries/of/{packed}"): _SYNC_READ,  # it is saved as a view; of everybody's the code asks for more
    ("GET", "/deliveries/export"): _SYNC_READ,
    ("POST", "/deliveries/views/{act}"): _SYNC_READ,  # of everybody's the code asks for more
    ("GET", "/deliveries/{delivery:number}"): _SYNC_READ,
    ("POST", "/deliveries/{delivery:number}/{act}"): _SYNC_OPERATE,
    ("GET", "/integrations"): _ACCOUNTS_READ,
    ("GET", "/integrations/{slug}"): _ACCOUNTS_READ,
    ("GET", "/integrations/{slug}/events"): _ACCOUNTS_READ,
    ("POST", "/integrations/{slug}/{act}"): _SYNC_OPERATE,
    ("POST", "/integrations/{slug}/manage/{act}"): Permit(Action.INTEGRATIONS_MANAGE),
    ("GET", "/connect"): Permit(Action.INTEGRATIONS_MANAGE),
    ("POST", "/connect"): Permit(Action.INTEGRATIONS_MANAGE),
    ("POST", "/connect/look"): Permit(Action.INTEGRATIONS_MANAGE),
    ("GET", "/connect/oauth"): Permit(Action.INTEGRATIONS_MANAGE),
    ("POST", "/connect/oauth"): Permit(Action.INTEGRATIONS_MANAGE),
    ("POST", "/integrations/{slug}/authorisations/begin"): Permit(Action.INTEGRATIONS_MANAGE),
    ("GET", "/integrations/{slug}/authorisations/{authorisation}"): _ACCOUNTS_READ,
    ("GET", "/integrations/{slug}/authorisations/{authorisation}/events"): _ACCOUNTS_READ,
    ("GET", "/connectors"): _ACCOUNTS_READ,
    ("POST", "/connectors/look"): Permit(Action.INTEGRATIONS_MANAGE),
    ("POST", "/connectors/make"): Permit(Action.INTEGRATIONS_MANAGE),
    ("POST", "/connectors/{name}/remove"): Permit(Action.INTEGRATIONS_MANAGE),
    ("GET", "/mappings"): _ACCOUNTS_READ,
    ("GET", "/mappings/{name}"): _ACCOUNTS_READ,
    ("POST", "/mappings/{name}/{act}"): Permit(Action.INTEGRATIONS_MANAGE),
    ("GET", "/codes"): _ACCOUNTS_READ,
    ("GET", "/api"): _ACCOUNTS_READ,
    ("GET", "/api/{noun}"): _ACCOUNTS_READ,
    ("GET", "/codes/{code}"): _ACCOUNTS_READ,
    ("GET", "/settings"): Permit(Action.ACCESS_READ),
    ("POST", "/settings/{act}"): Permit(Action.ACCESS_MANAGE),
    ("GET", "/settings/actions"): Permit(Action.ACCESS_READ),
    ("GET", "/settings/actions/{action:number}"): Permit(Action.ACCESS_READ),
    ("GET", "/evidence"): _EVIDENCE_READ,
    ("GET", "/evidence/{slug}"): _EVIDENCE_READ,
    ("GET", "/evidence/{slug}/events"): _EVIDENCE_READ,
    ("GET", "/evidence/{slug}/snapshots"): _EVIDENCE_READ,
    ("GET", "/evidence/{slug}/report"): _EVIDENCE_READ,
    ("GET", "/evidence/{slug}/{check}"): _EVIDENCE_READ,
    ("POST", "/evidence/{slug}/bundle"): _EVIDENCE_READ,
    ("POST", "/evidence/{slug}/{act}"): Permit(Action.EVIDENCE_OPERATE),
    ("GET", "/routing"): _ACCOUNTS_READ,
    ("POST", "/routing/{name}/{act}"): Permit(Action.INTEGRATIONS_MANAGE),
    ("GET", "/cases"): _CASES_READ,
    ("POST", "/cases"): _CASES_WRITE,
    ("GET", "/cases/{key}"): _CASES_READ,
    ("POST", "/cases/{key}/{act}"): _CASES_WRITE,
    ("GET", "/demo"): _CASES_READ,
    ("GET", "/demo/events"): _CASES_READ,
    ("POST", "/demo/new"): _CASES_WRITE,
    ("POST", "/demo/{key}/mishaps/{mishap}"): Permit(Action.INTEGRATIONS_MANAGE),  # It disconnects and reconnects.
    ("POST", "/demo/{key}/{side}/{act}"): _CASES_WRITE,
}

#: Whoever is signed in may leave, and give itself another password.
SIGNED_IN: frozenset[Place] = frozenset({("POST", "/logout"), ("GET", "/password"), ("POST", "/password")})

#: What needs no action, and why that is right.
OPEN: Mapping[Place, str] = {
    ("GET", "/oauth/callback"): "Who has its state may finish what was begun, and nothing of an account is shown.",
    (
        "GET",
        "/openapi.json",
    ): "It tells what this release can do, as its published sources do, and nothing of what is kept here.",
    ("GET", "/login"): "It asks who somebody is.",
    ("POST", "/login"): "It finds out who somebody is.",
    ("GET", "/first-admin"): "Who has the link that was printed on this machine may become the first admin.",
    ("POST", "/first-admin"): "The link is tried once more, and taken.",
    ("GET", "/"): "It only leads on to a page.",
    ("GET", "/static"): "Styles and scripts are the same for everybody.",
    ("POST", "/hooks/{source}"): "Each hook proves itself by its signature.",
    ("GET", "/healthz"): "It tells only that the process answers.",
    ("GET", "/readyz"): "It tells only whether the process can work.",
}
