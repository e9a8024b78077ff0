"""What a command was asked, checked as a request of /v1 is, with a fault as a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from syncd.errors import Misconfigured

if TYPE_CHECKING:
    from pydantic import BaseModel

    Model = TypeVar("Model", bound=BaseModel)


def valid(model: type[Model], fields: Mapping[str, object]) -> Model:
    from pydantic import ValidationError

    from syncd.console.intake import faults_of, told

    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise Misconfigured(f"That is not valid: {told(faults_of(error))}.") from error
