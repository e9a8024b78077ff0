"""In which directions an account is synced, for whoever connects it."""

from __future__ import annotations


def called(*, is_two_way: bool) -> str:
    return "two-way" if is_two_way else "one-way"


def told(slug: str, *, is_two_way: bool, also: str = "") -> str:
    """With how to change it where it is half of what it could be. `also`: a sentence in between."""
    says = f"{called(is_two_way=is_two_way)}.{also}"
    if is_two_way:
        return says
    return f"{says} What happens in PagerDuty changes no case; `syncd integrations two-way {slug} on` changes that."
