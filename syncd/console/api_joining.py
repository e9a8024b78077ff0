"""/v1/integrations: an account is connected, tested, given another credential, or removed. A secret comes in a body and is told
to nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.connections.joining import accounts, acting
from syncd.connections.joining.pagerduty import add_pagerduty
from syncd.connections.joining.setup import Setup
from syncd.connections.joining.terms import Terms
from syncd.connections.webhooks.making import add_hook_secret
from syncd.flow.orders import removing
from syncd.store.row_json import Json

from .api_integrations import shown
from .bearer import Handler
from .bodies import ActAsPerson, AddIntegration, GiveSecret, RemoveIntegration
from .intake import json_body
from .told import acting_switched


@dataclass(frozen=True, slots=True)
class JoiningApi:
    setup: Callable[[], Setup]  # it needs the master key

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {
            ("POST", "/v1/integrations"): self._add,
            ("POST", "/v1/integrations/{slug}/test"): self._test,
            ("POST", "/v1/integrations/{slug}/rotate"): self._rotate,
            ("POST", "/v1/integrations/{slug}/webhook"): self._webhook,
            ("POST", "/v1/integrations/{slug}/act-as-person"): self._act_as_person,
            ("DELETE", "/v1/integrations/{slug}"): self._remove,
        }

    async def _add(self, request: Request) -> Response:
        body = await json_body(request, AddIntegration)
        return JSONResponse(await run_in_threadpool(self.add, body), status_code=201)

    async def _test(self, request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(self.test, request.path_params["slug"]))

    async def _rotate(self, request: Request) -> Response:
        body = await json_body(request, GiveSecret)
        return JSONResponse(await run_in_threadpool(self.rotate, request.path_params["slug"], body))

    async def _webhook(self, request: Request) -> Response:
        body = await json_body(request, GiveSecret)
        return JSONResponse(await run_in_threadpool(self.webhook, request.path_params["slug"], body))

    async def _act_as_person(self, request: Request) -> Response:
        body = await json_body(request, ActAsPerson)
        return JSONResponse(await run_in_threadpool(self.act_as_person, request.path_params["slug"], body))

    async def _remove(self, request: Request) -> Response:
        body = await json_body(request, RemoveIntegration)
        return JSONResponse(await run_in_threadpool(self.remove, request.path_params["slug"], body))

    def add(self, body: AddIntegration) -> Json:
        terms = Terms(body.by, body.consent, body.two_way, body.read_only, body.act_as_person)
        secret = body.secret.get_secret_value()
        reached = add_pagerduty(
            self.setup(), body.name, api_key=secret, email=body.email, terms=terms, where=body.where
        )
        return {"name": body.name, **reached.told, "warnings": list(reached.warnings)}

    def test(self, slug: str) -> Json:
        return dict(accounts.check(self.setup(), slug))

    def rotate(self, slug: str, body: GiveSecret) -> Json:
        secret = body.secret.get_secret_value()
        return {
            "name": slug,
            "warnings": list(accounts.rotate(self.setup(), slug, secret, email=body.email, by=body.by)),
        }

    def webhook(self, slug: str, body: GiveSecret) -> Json:
        """One that a person made there: its secret."""
        add_hook_secret(self.setup(), slug, body.secret.get_secret_value(), by=body.by)
        return {"name": slug, "hooks": f"/hooks/{slug}"}

    def act_as_person(self, slug: str, body: ActAsPerson) -> Json:
        setup = self.setup()
        is_changed = acting.switch(setup, slug, is_on=body.on, by=body.by)
        found = setup.integration(slug)
        return {**shown(found), "changed": is_changed, "says": acting_switched(found, is_changed=is_changed)}

    def remove(self, slug: str, body: RemoveIntegration) -> Json:
        """With a dry run what would go with it."""
        if body.dry_run:
            return {"name": slug, "says": removing.plan(self.setup(), slug).says}
        return {"name": slug, "says": removing.remove(self.setup(), slug, by=body.by, is_forced=body.force)}
