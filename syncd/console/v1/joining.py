"""/v1/integrations: an account is connected, tested, changed, given another credential, or removed. A secret comes in a body and is
told to nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.connections.joining import acting, changing, collected, reading
from syncd.connections.joining.casedesk import add_casedesk
from syncd.connections.joining.kinds import refuse_what_does_not_fit
from syncd.connections.joining.moving import Given
from syncd.connections.joining.pagerduty import add_pagerduty
from syncd.connections.joining.setup import Setup
from syncd.connections.joining.terms import Terms
from syncd.console import told_joining
from syncd.console.bearer import Handler
from syncd.console.bodies import (
    AddIntegration,
    ChangeIntegration,
    Reconnect,
    RemoveIntegration,
    Rotate,
)
from syncd.console.intake import carried
from syncd.console.told import acting_switched, evidence_switched, reading_switched
from syncd.errors import Misconfigured
from syncd.flow.orders import moving, removing
from syncd.store.row_json import Json


@dataclass(frozen=True, slots=True)
class JoiningApi:
    setup: Callable[[], Setup]  # it needs the master key
    public_url: str

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {
            ("POST", "/v1/integrations"): self._add,
            ("POST", "/v1/integrations/{slug}/test"): self._test,
            ("POST", "/v1/integrations/{slug}/rotate"): self._rotate,
            ("POST", "/v1/integrations/{slug}/reconnect"): self._reconnect,
            ("POST", "/v1/integrations/{slug}/set"): self._change,
            ("DELETE", "/v1/integrations/{slug}"): self._remove,
        }

    async def _add(self, request: Request) -> Response:
        body = carried(request, AddIntegration)
        return JSONResponse(await run_in_threadpool(self.add, body), status_code=201)

    async def _test(self, request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(self.test, request.path_params["slug"]))

    async def _rotate(self, request: Request) -> Response:
        body = carried(request, Rotate)
        return JSONResponse(await run_in_threadpool(self.rotate, request.path_params["slug"], body))

    async def _reconnect(self, request: Request) -> Response:
        body = carried(request, Reconnect)
        return JSONResponse(await run_in_threadpool(self.reconnect, request.path_params["slug"], body))

    async def _change(self, request: Request) -> Response:
        body = carried(request, ChangeIntegration)
        return JSONResponse(await run_in_threadpool(self.change, request.path_params["slug"], body))

    async def _remove(self, request: Request) -> Response:
        body = carried(request, RemoveIntegration)
        return JSONResponse(await run_in_threadpool(self.remove, request.path_params["slug"], body))

    def add(self, body: AddIntegration) -> Json:
        given = (body.consent, body.read_only, body.act_as_person, body.evidence, body.two_way is not None)
        is_of_pagerduty = any(given)
        refuse_what_does_not_fit(body.system, body.email, body.where, is_of_pagerduty=is_of_pagerduty)
        secret, setup = body.secret.get_secret_value(), self.setup()
        if body.system == "casedesk":
            add_casedesk(setup, body.name, base_url=body.where, token=secret, writes_as=body.writes_as, by=body.by)
            return {"name": body.name, "warnings": [], "says": told_joining.desk_connected(body.name)}
        terms = Terms(body.by, body.consent, bool(body.two_way), body.read_only, body.act_as_person)
        reached = add_pagerduty(
            setup, body.name, api_key=secret, email=body.email, terms=terms, where=body.where or "us"
        )
        if body.evidence:
            collected.switch(setup, body.name, is_on=True, by=body.by)
        hooks = told_joining.hook_address(body.name, self.public_url)
        told = told_joining.connected(reached, hooks, is_two_way=terms.is_two_way)
        return {**told, "warnings": list(reached.warnings)}

    def test(self, slug: str) -> Json:
        return dict(told_joining.tested(self.setup(), slug))

    def rotate(self, slug: str, body: Rotate) -> Json:
        secret = body.secret.get_secret_value()
        if body.move:
            return self._moved(slug, body, Given(secret, body.email, body.where, body.services))
        if body.services or body.where or body.dry_run:
            raise Misconfigured(
                "services, where and dry_run are those of a move; send move with them, or leave them out."
            )
        setup = self.setup()
        warnings, says = told_joining.rotated(setup, slug, secret, email=body.email, by=body.by)
        return {"name": slug, "warnings": list(warnings), "says": says}

    def reconnect(self, slug: str, body: Reconnect) -> Json:
        setup, secret = self.setup(), body.secret.get_secret_value()
        if not secret:
            return told_joining.reconnected(setup, slug, by=body.by)
        warnings, says = told_joining.rotated(setup, slug, secret, email=body.email, by=body.by)
        return {"name": slug, "warnings": list(warnings), "says": says}

    def _moved(self, slug: str, body: Rotate, given: Given) -> Json:
        planned = moving.plan(self.setup(), slug, given, by=body.by)
        says = planned.says if body.dry_run else moving.move(self.setup(), planned, by=body.by)
        told = {"name": slug, "account": planned.moved.host, "links": planned.reach.links, "says": says}
        return {**told, "warnings": [] if body.dry_run else planned.warnings}

    def change(self, slug: str, body: ChangeIntegration) -> Json:
        """Each is done before the next, as by the command."""
        switches = (body.act_as_person, body.read_only, body.evidence)
        if not (body.where or body.email or body.consent) and all(one is None for one in switches):
            raise Misconfigured(
                "Nothing is to be changed; name where, email, act_as_person, read_only, evidence or consent."
            )
        setup, warnings, said = self.setup(), list[str](), list[str]()
        setup.integration(slug)
        if body.where:
            secret = body.secret.get_secret_value()
            warnings += changing.move(setup, slug, body.where, secret, email=body.email, by=body.by)
            said.append(told_joining.moved(setup, slug))
        elif body.email:
            warnings += changing.send_as(setup, slug, body.email, body.by)
            said.append(told_joining.sent_as(setup, slug))
        if body.read_only is not None:
            is_changed = reading.switch(setup, slug, is_on=body.read_only, by=body.by)
            said.append(reading_switched(setup.integration(slug), is_changed=is_changed))
        if body.act_as_person is not None:
            is_changed = acting.switch(setup, slug, is_on=body.act_as_person, by=body.by)
            said.append(acting_switched(setup.integration(slug), is_changed=is_changed))
        if body.evidence is not None:
            is_changed = collected.switch(setup, slug, is_on=body.evidence, by=body.by)
            said.append(evidence_switched(setup.integration(slug), is_changed=is_changed))
        if body.consent:
            said.append(told_joining.consented(slug, is_new=changing.consent(setup, slug, body.by)))
        return {"name": slug, "warnings": warnings, "says": " ".join(said)}

    def remove(self, slug: str, body: RemoveIntegration) -> Json:
        """With a dry run what would go with it."""
        if body.dry_run:
            return {"name": slug, "says": removing.plan(self.setup(), slug).says}
        return {"name": slug, "says": removing.remove(self.setup(), slug, by=body.by, is_forced=body.force)}
