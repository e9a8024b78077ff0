"""Every route is asked what its document allows and what it forbids, by a stranger to this code: no answer may break the promise."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.config import SchemathesisConfig

from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.connections.vault import Vault, generate_key
from syncd.console.contract.declared import OPERATIONS
from syncd.console.contract.document import document
from syncd.console.contract.operation import Operation
from syncd.console.parts import Parts
from syncd.console.permits import Place
from syncd.simulator.server import serve
from syncd.store.cases import Cases
from syncd.store.database import Database
from tests.console.checked import create
from tests.console.conftest import TOKEN
from tests.store.payments import add_payments

EXAMPLES = 10
CHECKS = [
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
#: Of what is wrong it is said so, whether that is its size or its form, and nothing here breaks by it.
REJECTED = {"checks": {"negative_data_rejection": {"expected-statuses": ["4xx"]}}}
SCHEMA = schemathesis.openapi.from_dict(document(), config=SchemathesisConfig.from_dict(REJECTED))


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[str]:
    """On a database of its own, which is thrown away: what is asked is done."""
    file = tmp_path_factory.mktemp("asked") / "console.db"
    shutil.copy(migrated_file, file)
    database = Database(f"sqlite:///{file}", Clock())
    add_payments(database)
    connections = Connections(database, Vault(generate_key()), Clock())
    parts = Parts(database, Cases(database, site="http://syncd.test"), connections, lambda _: None, Clock(), TOKEN)
    with serve(create(parts)) as found:
        yield found
    database.close()


@pytest.mark.parametrize("place", OPERATIONS, ids=" ".join)
def test_whatever_a_route_is_asked_it_answers_as_it_is_declared(url: str, place: Place) -> None:
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(_asked(OPERATIONS[place]))
    def ask(case: Case[Any]) -> None:
        answer = case.call(base_url=url, headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code not in {500, 599}, answer.text
        case.validate_response(answer, checks=CHECKS, headers={"Authorization": f"Bearer {TOKEN}"})

    ask()


def _asked(operation: Operation) -> st.SearchStrategy[Case[Any]]:
    """As it should be, and as it should not, where there is anything that could be wrong."""
    it = SCHEMA[operation.address][operation.method]
    right = it.as_strategy(generation_mode=GenerationMode.POSITIVE)
    if operation.body is None and not operation.query.model_fields:
        return right
    return right | it.as_strategy(generation_mode=GenerationMode.NEGATIVE)
