"""/v1/integrations/{slug}/webhook: what a source signs its hooks with, given by a person or made by PagerDuty."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.connections.joining.setup import Setup
from syncd.connections.webhooks.making import add_hook_secret
from syncd.connections.webhooks.rotation import Rotation
from syncd.console import told_joining
from syncd.console.bearer import Handler
from syncd.console.bodies import CreateWebhook, GiveHookSecret, RotateWebhook
from syncd.console.intake import carried
from syncd.store.row_json import Json


@dataclass(frozen=True, slots=True)
class WebhooksApi:
    setup: Callable[[], Setup]  # it needs the master key
    public_url: str

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {
            ("POST", "/v1/integrations/{slug}/webhook"): self._add,
            ("POST", "/v1/integrations/{slug}/webhook/create"): self._create,
            ("POST", "/v1/integrations/{slug}/webhook/rotate"): self._rotate,
        }

    async def _add(self, request: Request) -> Response:
        body = carried(request, GiveHookSecret)
        return JSONResponse(await run_in_threadpool(self.add, request.path_params["slug"], body))

    async def _create(self, request: Request) -> Response:
        body = carried(request, CreateWebhook)
        return JSONResponse(await run_in_threadpool(self.create, request.path_params["slug"], body), 201)

    async def _rotate(self, request: Request) -> Response:
        body = carried(request, RotateWebhook)
        return JSONResponse(await run_in_threadpool(self.rotate, request.path_params["slug"], body))

    def add(self, slug: str, body: GiveHookSecret) -> Json:
        """One that a person made there: its secret."""
        add_hook_secret(self.setup(), slug, body.secret.get_secret_value(), by=body.by)
        return {"name": slug, "hooks": f"/hooks/{slug}", "says": told_joining.secret_added(slug)}

    def create(self, slug: str, body: CreateWebhook) -> Json:
        """One of ours whose secret a backup has lost is taken over instead."""
        return told_joining.webhooks_made(slug, self._rotation(slug, body.by).create(body.service))

    def rotate(self, slug: str, body: RotateWebhook) -> Json:
        """Each is replaced by one that sends beside it until it has proved its secret; cut off, a second run goes on."""
        return told_joining.webhooks_made(slug, self._rotation(slug, body.by).run())

    def _rotation(self, slug: str, by: str) -> Rotation:
        setup = self.setup()

        def rest(seconds: float) -> None:
            time.sleep(min(seconds, setup.left()))

        return Rotation(setup, slug, self.public_url, rest, by)
