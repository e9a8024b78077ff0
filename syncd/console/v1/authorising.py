"""/v1/integrations/{slug}/authorise: an account is connected by OAuth. The answer has the address for a person to open; the browser
comes back to /oauth/callback, and how that ended is asked here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from syncd.connections.joining.setup import Setup
from syncd.connections.joining.terms import Terms
from syncd.connections.oauth import authorising, connecting
from syncd.connections.oauth.application import Named, application
from syncd.connections.oauth.outcome import outcome
from syncd.connections.oauth.wanted import Place, wanted
from syncd.console.bearer import Handler
from syncd.console.bodies import Authorise
from syncd.console.intake import carried
from syncd.console.within import caller_of, require_there
from syncd.errors import NotFound
from syncd.store.row_json import Json, row_as_json


@dataclass(frozen=True, slots=True)
class AuthorisingApi:
    setup: Callable[[], Setup]  # it needs the master key
    site: str  # the address that the browser comes back to

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        return {
            ("POST", "/v1/integrations/{slug}/authorise"): self._begin,
            ("GET", "/v1/integrations/{slug}/authorisations/{authorisation}"): self._show,
        }

    async def _begin(self, request: Request) -> Response:
        body = carried(request, Authorise)
        slug = request.path_params["slug"]
        await run_in_threadpool(require_there, self.setup().db, caller_of(request), slug)
        told = await run_in_threadpool(self.begin, slug, body)
        return JSONResponse(told, 200 if told["state"] == "done" else 202, {"Cache-Control": "no-store"})

    async def _show(self, request: Request) -> Response:
        named = request.path_params
        return JSONResponse(await run_in_threadpool(self.one, named["slug"], named["authorisation"]))

    def begin(self, slug: str, body: Authorise) -> Json:
        """An application connects at once; else somebody has to open the address first."""
        setup = self.setup()
        named = Named(body.client_id, body.secret.get_secret_value(), body.kind or "")
        client, place = application(setup, slug, named, Place(body.where, body.sign_in, "", body.subdomain))
        terms = Terms(body.by, body.consent, body.two_way, body.read_only)
        it = wanted(setup, slug, client, place, email=body.email, by=body.by, terms=terms)
        if it.is_application:
            reached = connecting.connect_application(setup, it)
            told = {**reached.told, "warnings": list(reached.warnings), "says": authorising.told(reached)}
            return {"name": it.slug, "state": "done", **told}
        redirect = authorising.redirect_of(self.site)
        begun = authorising.begin(setup, it, redirect)
        return row_as_json(
            {
                "name": it.slug,
                "state": "waiting",
                "authorisation": begun.digest,
                "url": begun.url,
                "redirect": redirect,
                "expires_at": begun.expires_at,
                "says": f"Open the address and agree, until {begun.expires_at:%H:%M} UTC.",
            }
        )

    def one(self, slug: str, digest: str) -> Json:
        """Nothing of what it is to be connected with."""
        found = outcome(self.setup().db, digest)
        if found is None or found.slug != slug:
            raise NotFound(
                f"No authorisation of {slug} is called that; begin one by `syncd integrations authorise {slug}`."
            )
        return row_as_json(
            {
                "name": slug,
                "state": found.state,
                "authorisation": found.digest,
                "by": found.by,
                "expires_at": found.expires_at,
                "says": found.says,
                "warnings": list(found.warnings),
            }
        )
