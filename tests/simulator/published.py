"""PagerDuty's published OpenAPI file as a judge of requests and answers, when it lies beside the repository. Never copied."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import warnings
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

import httpx
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

from tests.parts.require import unavailable

ROOT = Path(__file__).resolve().parents[2]
PATHS = [
    "/incidents",
    "/log_entries",
    "/priorities",
    "/services",
    "/users",
    "/abilities",
    "/escalation_policies",
    "/webhook_subscriptions",
    "/schedules",
    "/v3/schedules",
    "/oncalls",
    "/teams",
    "/audit/records",
    "/licenses",
    "/license_allocations",
]
ACCEPT = "application/vnd.pagerduty+json;version=2"


@dataclass(slots=True)
class _Request:
    """What openapi-core asks of a request; it wants to be able to set everything."""

    host_url: str
    path: str
    method: str
    body: bytes
    content_type: str
    parameters: RequestParameters
    path_pattern: str | None = None


@dataclass(slots=True)
class _Response:
    data: bytes
    status_code: int
    content_type: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Published:
    api: OpenAPI

    def complaints(self, response: httpx.Response) -> list[str]:
        """About the request, and about the answer when it is a good one: the file says little of errors."""
        asked = _request(response.request)
        said = [f"request: {error}" for error in self._flat(self.api.iter_request_errors(asked))]
        if response.is_success and response.content:
            told = _Response(response.content, response.status_code, "application/json", dict(response.headers))
            said += [f"answer: {error}" for error in self._flat(self.api.iter_response_errors(asked, told))]
        return [f"{response.request.method} {response.request.url.path}: {each}" for each in said]

    def _flat(self, errors: object) -> list[str]:
        return [sentence for error in errors for sentence in _reasons(error)]  # type: ignore[attr-defined]  # an iterator of exceptions


def _reasons(error: BaseException) -> list[str]:
    """openapi-core hides the interesting part a few causes deep."""
    inner = [str(each) for each in getattr(error, "schema_errors", ())]
    if error.__cause__ is not None:
        inner += _reasons(error.__cause__)
    return inner or [str(error)]


def _request(request: httpx.Request) -> _Request:
    query = parse_qsl(request.url.query.decode("latin-1"), keep_blank_values=True)
    headers = dict(request.headers)
    return _Request(
        host_url="https://api.pagerduty.com",
        path=request.url.path,
        method=request.method.lower(),
        body=request.read(),
        content_type=headers.get("content-type", "application/json"),
        parameters=RequestParameters(
            query=ImmutableMultiDict(query), header=Headers(headers), cookie=ImmutableMultiDict()
        ),
    )


def published(scratch: Path) -> Published:
    """The loosened file goes to a scratch folder outside the repository and is read back."""
    given = os.environ.get("SYNCD_PAGERDUTY_OPENAPI")
    folder = Path(given) if given else ROOT.parent / "shared" / "pagerduty" / "openapi"
    source, script = folder / "rest-openapiv3.json", folder / "normalise_openapi.py"
    if not (source.is_file() and script.is_file()):
        unavailable("openapi", "PagerDuty's OpenAPI file is not there; SYNCD_PAGERDUTY_OPENAPI names its folder")
    spec = importlib.util.spec_from_file_location("normalise_openapi", script)
    assert spec is not None
    assert spec.loader is not None
    normalise = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(normalise)
    loosened = scratch / "loosened.json"
    with redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # The script leaves closing its files to Python.
        normalise.main(str(source), str(loosened), PATHS)
    document = json.loads(loosened.read_text())
    # The file is formally invalid, so checking it first would refuse it.
    return Published(OpenAPI.from_dict(document, config=Config(spec_validator_cls=None)))
