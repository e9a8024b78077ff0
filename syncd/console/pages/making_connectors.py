"""Making a connector on a page, and removing one: what an account offers is shown first, and so is what would go."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import SecretStr, ValidationError

from syncd.connections.joining.connectors import CASE_PRIORITIES, Offer, case_priorities, offered, proposed
from syncd.connections.joining.setup import Setup
from syncd.console.bodies import AddConnector
from syncd.console.intake import faults_of, told
from syncd.console.v1.making_connectors import MakingConnectorsApi
from syncd.core.policy import PriorityPair
from syncd.errors import Misconfigured
from syncd.flow.orders import removing_connector

_TYPED = ("name", "path", "integration", "service", "service_name", "where", "cases", "priorities")
_MOST_ALSO = 20_000  # characters of all the services beside the default one: some hundred names


@dataclass(frozen=True, slots=True)
class Wish:
    """What the forms show besides themselves. The key is never sent back."""

    typed: Mapping[str, str] = field(default_factory=dict)
    offer: Offer | None = None
    pairs: Sequence[PriorityPair] = ()
    said: str = ""
    done: str = ""
    warnings: Sequence[str] = ()


def typed_of(fields: Mapping[str, str]) -> dict[str, str]:
    """`also` is one service a line: their names may have blanks and commas."""
    short = {name: fields.get(name, "").strip()[:255] for name in _TYPED}
    return {**short, "also": fields.get("also", "").strip()[:_MOST_ALSO]}


def offer_of(setup: Setup, typed: Mapping[str, str]) -> Wish:
    """The services of the account, and the pairs of priorities that are proposed."""
    offer = offered(setup, typed["integration"])
    cases = case_priorities(setup, typed["cases"]) if typed["cases"] else CASE_PRIORITIES
    return Wish(typed, offer, proposed(offer.priorities, cases))


def make(setup: Callable[[], Setup], fields: Mapping[str, str], by: str) -> Wish:
    typed = typed_of(fields)
    words = {name: text for name, text in typed.items() if text and name not in {"priorities", "also"}}
    pairs = typed["priorities"].replace(",", " ").split()
    also = [line.strip() for line in typed["also"].splitlines() if line.strip()]
    secret = SecretStr(fields.get("secret", "").strip()[:2048])
    try:
        body = AddConnector.model_validate({**words, "by": by, "priorities": pairs, "also": also, "secret": secret})
    except ValidationError as error:
        raise Misconfigured(f"This cannot be made: {told(faults_of(error))}.") from None
    answer = MakingConnectorsApi(setup).add(body)
    return Wish(done=str(answer["says"]), warnings=answer["warnings"])


def remove(setup: Setup, name: str, fields: Mapping[str, str], by: str) -> Wish:
    """Without its name beside the button only what would go is told."""
    planned = removing_connector.plan(setup.db, name)
    if fields.get("sure") != name:
        raise Misconfigured(f"Write {name} beside the button to remove it. {planned.says}")
    ends = fields.get("end_links") == "yes"
    return Wish(done=removing_connector.remove(setup.db, name, by=by, ends_links=ends))
