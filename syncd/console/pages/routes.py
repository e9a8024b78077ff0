"""Every page there is, and what can be pressed on it."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import Route

from syncd.console.entrance import Entrance
from syncd.console.frame import Frames
from syncd.console.live import Live
from syncd.console.pages.actions import ActionsPage
from syncd.console.pages.agreeing import AgreeingPages
from syncd.console.pages.api import ApiPages
from syncd.console.pages.case import CasePages
from syncd.console.pages.cases import CasesPages
from syncd.console.pages.codes import CodePages
from syncd.console.pages.conflicts import ConflictPages
from syncd.console.pages.connect import ConnectPages
from syncd.console.pages.connectors import ConnectorPages
from syncd.console.pages.deliveries import DeliveriesPage
from syncd.console.pages.delivery import DeliveryPage
from syncd.console.pages.drawer import Drawer
from syncd.console.pages.evidence import EvidencePages
from syncd.console.pages.evidence_check import EvidenceCheckPages
from syncd.console.pages.first_admin import FirstAdminPage
from syncd.console.pages.integrations import IntegrationPages
from syncd.console.pages.link import LinkPages
from syncd.console.pages.links import LinksPages
from syncd.console.pages.mappings import MappingPages
from syncd.console.pages.oauth import OAuthPage
from syncd.console.pages.overview import OverviewPage
from syncd.console.pages.own_password import OwnPassword
from syncd.console.pages.rates import Rates
from syncd.console.pages.routing import RoutingPages
from syncd.console.pages.settings import SettingsPages
from syncd.console.pages.signing_in import SigningIn
from syncd.console.pages.why import WhyPages
from syncd.console.parts import Parts
from syncd.console.v1.bundles import BundlesApi
from syncd.console.v1.export import ExportApi


def routes(parts: Parts, entrance: Entrance, frames: Frames, live: Live) -> Sequence[Route]:
    database = parts.database
    answers = parts.answers()
    bundles = BundlesApi(parts.desk(), lambda: parts.connections.vault)
    return [
        *OverviewPage(
            database, parts.connections.vault, parts.channels, entrance, frames, live, Rates(database, parts.clock)
        ).routes(),
        *WhyPages(parts, entrance, frames).routes(),
        *LinksPages(database, entrance, frames, live).routes(),
        *LinkPages(parts, entrance, frames, live).routes(),
        *DeliveriesPage(database, entrance, frames, Drawer(parts), ExportApi(database, parts.parquet_turn)).routes(),
        *DeliveryPage(parts, entrance, frames).routes(),
        *ConflictPages(parts, entrance, frames).routes(),
        *IntegrationPages(parts, entrance, frames, live).routes(),
        *ConnectPages(parts, entrance, frames).routes(),
        *AgreeingPages(parts, entrance, frames, live).routes(),
        *ConnectorPages(parts, entrance, frames).routes(),
        *MappingPages(parts, entrance, frames).routes(),
        *EvidencePages(parts, entrance, frames, answers, bundles, live).routes(),
        *EvidenceCheckPages(entrance, frames, answers).routes(),
        *RoutingPages(parts, entrance, frames).routes(),
        *CasesPages(parts, entrance, frames).routes(),
        *CasePages(parts, entrance, frames).routes(),
        *ActionsPage(database, entrance, frames).routes(),
        *SettingsPages(database, entrance, frames, parts.channels).routes(),
        *ApiPages(entrance, frames).routes(),
        *CodePages(entrance, frames).routes(),
        *SigningIn(parts, entrance).routes(),
        *FirstAdminPage(parts, entrance).routes(),
        *OwnPassword(parts, entrance).routes(),
        *OAuthPage(parts, entrance.sessions, frames).routes(),
    ]
