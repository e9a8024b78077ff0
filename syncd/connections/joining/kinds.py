"""Which systems an account can be added of, and what each is asked with."""

from __future__ import annotations

from syncd.errors import Misconfigured


def refuse_what_does_not_fit(system: str, email: str, where: str | None, *, is_of_pagerduty: bool) -> None:
    """`is_of_pagerduty`: something was given that only PagerDuty has."""
    if system not in {"pagerduty", "casedesk"}:
        raise Misconfigured(f"--system {system} is none that can be added; it is pagerduty or casedesk.")
    if system == "casedesk" and email:
        raise Misconfigured(
            "A case system has no --email, which is PagerDuty's; name the account our writes are made with by --writes-as."
        )
    if system == "casedesk" and not where:
        raise Misconfigured("A case system has no usual address; give its own by --where.")
    if system == "casedesk" and is_of_pagerduty:
        raise Misconfigured(
            "A case system takes no --consent, --two-way, --one-way, --act-as-person or --read-only, which are PagerDuty's; leave them out."
        )
