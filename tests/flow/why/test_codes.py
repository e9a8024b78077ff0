"""Each code that can stop a change is reached by a system that was broken; of each other one it is said why it is about none."""

from __future__ import annotations

import pytest

from syncd.core.api_codes import API_CODES
from syncd.core.diagnostics import CATALOGUE
from tests.flow.why import (
    test_accounts,
    test_decisions,
    test_hooks,
    test_receiver,
    test_reference,
    test_refusals,
    test_way,
)
from tests.flow.why.breakages import BREAKAGES
from tests.flow.why.breakdowns import BREAKDOWNS

_CONNECTING = "while an account is connected there is no link of it yet"
_GOES_ON = "sync goes on without it, and `syncd status` tells of it"
_NOT_USED = "nothing that is switched on here asks for it"
_BY_DOCTOR = "it is found by `syncd doctor`; a change that meets it is refused, and its row says why"

#: Code -> why no change is stopped by it.
ABOUT_NO_CHANGE = {
    **dict.fromkeys((f"PAG-{number}-A" for number in (100, 101, 102, 104, 105, 106, 107, 108)), _CONNECTING),
    "PAG-101-B": _GOES_ON,
    "PAG-102-B": "without users the From user is gone, and that is SYN-PAG-SENDER",
    **dict.fromkeys((f"PAG-{number}-B" for number in (104, 105, 107, 108)), _NOT_USED),
    "PAG-106-B": _GOES_ON,
    "SYN-PAG-REGION": _CONNECTING,
    "SYN-PAG-ADDRESS": _CONNECTING,
    "SYN-PAG-MISSING": _GOES_ON,
    "SYN-PAG-PLAN": _CONNECTING,
    "SYN-PAG-SERVICES": _CONNECTING,
    "SYN-HOME": "whoever may write into the home may do harm, and has not yet",
    "SYN-PAG-SCOPE": "what the token still may do goes on; what it may not is refused as forbidden, which the change's row says",
    "SYN-PAG-PEOPLE": "what cannot be written in a person's name is written in ours",
    "SYN-PAG-SERVICE": "the opening is refused, and the link says so: gate 2",
    "SYN-PAG-CLOCK": _GOES_ON,
    "SYN-PAG-SIGHT": "what is missing for it is missing from evidence, and why asks that by gates of its own",
    "SYN-PAG-READS": "as above",
    "SYN-PAG-KEY-AGE": "an old key is taken as ever",
    "SYN-HOOK-NONE": "an account without a webhook is looked over every 15 s",
    "SYN-PUBLIC-URL": "no webhook can be made without it, and then the account is looked over",
    "SYN-CONFIG": "with such a setting nothing starts",
    "SYN-SECRETS": "without the right master key no worker starts, and that is SYN-WORKER",
    "SYN-DATABASE": "without it nobody can be asked why",
    "SYN-DATABASE-FULL": "nothing comes in and nothing goes out: gate 0, for every change alike (tests/faults)",
    "SYN-DATABASE-LOCKED": "as above",
    "SYN-DATABASE-READONLY": "as above",
    "SYN-BROKER": "sync goes on more slowly",
    "SYN-BROKER-EVICTS": "sync goes on more slowly",
    "SYN-BEAT": "each worker sweeps by its own timer",
    "SYN-CHANNEL": "nobody is told of anything by it, and every change goes on",
    "SYN-CASE-NAMES": _BY_DOCTOR,
    "SYN-CHECK": "it is about the check itself",
}


#: Those that take a server of their own to break.
BY_A_TEST = {
    "SYN-PAG-NETWORK": test_way.test_a_pagerduty_that_cannot_be_reached,
    "SYN-PAG-TLS": test_way.test_a_certificate_of_an_authority_that_is_named_no_more,
    "SYN-CASE-SYSTEM": test_way.test_a_case_system_that_does_not_answer,
}
#: An answer of the HTTP API to what was asked of it, and about no change that was made before.
OF_REQUESTS = ("SYN-API-", "SYN-CASE-STATE", "SYN-FAR-")


def test_each_code_is_reached_by_one_that_is_broken_or_is_about_no_change() -> None:
    """Whoever adds a code says here how a system comes to it, or why no change is stopped by it."""
    reached = {one.code for one in (*BREAKAGES.values(), *BREAKDOWNS.values()) if one.code} | set(BY_A_TEST)
    assert reached | set(ABOUT_NO_CHANGE) == set(CATALOGUE)
    assert not reached & set(ABOUT_NO_CHANGE)


def test_codes_of_the_http_api_are_about_what_was_asked_of_it() -> None:
    assert all(code.startswith(OF_REQUESTS) for code in API_CODES)
    assert not set(API_CODES) & set(CATALOGUE)


#: A row of the table of what people see -> the ways to break a system that show it.
SYMPTOMS = {
    "the connector shows a disconnected banner": (
        "key revoked",
        "owner of the key deactivated",
        "From user deactivated",
    ),
    "what is done to the incident does not reach the case": (
        "service key",
        "two-way sync switched off",
        "subscription deleted",
        "subscription pointed elsewhere",
        "subscription that the key may not enable",
        "ping that never comes",
    ),
    "what is done to the incident does not reach the case, since there is none": ("nobody on call", "no connector"),
    "what is done to the case does not reach the incident": ("key revoked", "case closed"),
    "sync lags during a major incident": ("rate limited",),
    "plus": (
        "priority that is not mapped",
        "account paused",
        "link paused",
        "conflict",
        "refused for good",
        "account only observed",
    ),
}


@pytest.mark.parametrize("symptom", SYMPTOMS)
def test_each_symptom_has_its_causes(symptom: str) -> None:
    assert set(SYMPTOMS[symptom]) <= {*BREAKAGES, *BREAKDOWNS}


#: Of one delivery, or of none: what no system has to be broken for.
BY_NAME = {
    "echo": test_hooks.test_our_own_write_coming_back_is_an_echo,
    "duplicate": test_hooks.test_the_same_webhook_twice,
    "stale": test_decisions.test_stale_news,
    "held behind an older change": test_refusals.test_a_change_behind_an_older_one_of_its_link,
    "dead-lettered": test_refusals.test_what_is_dead_names_the_replay,
    "put aside": test_refusals.test_what_a_person_put_aside,
    "a signature that fits no secret": test_receiver.test_a_signature_that_fits_no_secret,
    "an incident that no case opened": test_accounts.test_an_incident_that_no_case_opened,
    "unknown reference": test_reference.test_what_is_no_name_of_anything,
}


def test_what_else_may_be_asked_about_has_a_test_of_its_own() -> None:
    assert len(set(BY_NAME.values())) == len(BY_NAME)
