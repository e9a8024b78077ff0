"""A connector is aimed at a service that is there, with priorities that both sides know, and a policy that means something."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.cli.main import COMMANDS, load
from syncd.connections.joining.builtin import BUILTIN
from syncd.connections.joining.casedesk import add_casedesk
from syncd.connections.joining.connectors import Made, add_connector, proposed
from syncd.connections.joining.service_key import add_service_key
from syncd.connections.joining.setup import Setup
from syncd.errors import Conflict, Misconfigured, NotFound, Unavailable
from syncd.simulator import KEYS, CaseDesk, Fault, Simulator
from syncd.simulator.account import Priority as TheirPriority
from syncd.simulator.account import Service
from syncd.store import connectors
from syncd.systems.pagerduty.account import Priority


def add(setup: Setup, name: str = "checkout", service: str = "Checkout", cases: str = BUILTIN, **more: object) -> Made:
    return add_connector(setup, name, integration="acme", service=service, case_system=cases, **more)  # type: ignore[arg-type]  # as each test says


def names(setup: Setup) -> list[str]:
    with setup.db.read() as tx:
        return list(connectors.all_of(tx))


def service_id(pagerduty: Simulator, name: str) -> str:
    return next(one.id for one in pagerduty.account.services.values() if one.name == name)


def call_priorities(pagerduty: Simulator, *names: str) -> list[str]:
    """Most severe first, as the account's list; their ids."""
    ids = [f"PRIO{number:03}" for number in range(len(names))]
    pagerduty.account.priorities.clear()
    pagerduty.account.priorities.update(
        {one: TheirPriority(one, name, "") for one, name in zip(ids, names, strict=True)}
    )
    return ids


def pairs(made: Made) -> list[tuple[str, str]]:
    return [(one["case"], one["name"]) for one in made.connector.priorities]


@pytest.mark.usefixtures("acme")
def test_a_service_is_named_by_its_id_or_its_name(setup: Setup, pagerduty: Simulator) -> None:
    by_name = add(setup, "one", "Payments").connector
    by_id = add(setup, "two", service_id(pagerduty, "Payments")).connector
    assert by_name.service_id == by_id.service_id == service_id(pagerduty, "Payments")
    assert by_name.service_name == by_id.service_name == "Payments"
    with setup.db.read() as tx:
        assert connectors.all_of(tx) == {"one": by_name, "two": by_id}


@pytest.mark.usefixtures("acme")
def test_a_service_that_is_not_there_is_answered_with_those_that_are(setup: Setup) -> None:
    with pytest.raises(NotFound, match=r"no service checkout; it has Checkout \(P\w+\), Payments \(P\w+\)"):
        add(setup, service="checkout")
    assert names(setup) == []


@pytest.mark.usefixtures("acme")
def test_of_two_services_with_one_name_the_id_is_wanted(setup: Setup, pagerduty: Simulator) -> None:
    first = pagerduty.account.services[service_id(pagerduty, "Checkout")]
    pagerduty.account.services["PTWIN01"] = replace(first, id="PTWIN01")
    with pytest.raises(Misconfigured, match=rf"Several services are called Checkout; use an id: .*\({first.id}\)"):
        add(setup)
    assert add(setup, service="PTWIN01").connector.service_id == "PTWIN01"


@pytest.mark.usefixtures("acme")
def test_an_id_is_meant_before_a_name_that_looks_like_it(setup: Setup, pagerduty: Simulator) -> None:
    wanted = service_id(pagerduty, "Checkout")
    other: Service = replace(pagerduty.account.services[wanted], id="POTHER1", name=wanted)
    pagerduty.account.services[other.id] = other
    assert add(setup, service=wanted).connector.service_name == "Checkout"


@pytest.mark.usefixtures("acme")
def test_priorities_of_one_name_are_matched_by_it(setup: Setup) -> None:
    made = add(setup)
    assert pairs(made) == [(one, one) for one in ("P1", "P2", "P3", "P4", "P5")]
    assert (made.unmapped, made.unheard, made.warning) == ((), (), "")


@pytest.mark.usefixtures("acme")
def test_other_names_are_matched_by_rank_past_the_unused_slots(setup: Setup, pagerduty: Simulator) -> None:
    call_priorities(pagerduty, "SEV1", "SEV2", "---", "SEV3", "---")
    made = add(setup)
    assert pairs(made) == [("P1", "SEV1"), ("P2", "SEV2"), ("P3", "SEV3")]
    assert made.unmapped == ("P4", "P5")
    assert made.unheard == ()


@pytest.mark.usefixtures("acme")
def test_what_is_not_mapped_is_said_of_both_sides(setup: Setup, pagerduty: Simulator) -> None:
    call_priorities(pagerduty, "Outage", "P1", "P2")
    made = add(setup)
    assert pairs(made) == [("P1", "P1"), ("P2", "P2")]
    assert made.unmapped == ("P3", "P4", "P5")
    assert made.unheard == ("Outage",)


def test_of_two_priorities_with_one_name_the_more_severe_is_proposed() -> None:
    assert [one.incident for one in proposed([Priority("A", "P1"), Priority("B", "p1 "), Priority("C", "P2")])] == [
        "A",
        "C",
    ]


@pytest.mark.usefixtures("acme")
def test_an_account_without_priorities_gets_a_connector_that_says_so(setup: Setup, pagerduty: Simulator) -> None:
    pagerduty.switches.has_priorities = False
    made = add(setup)
    assert made.connector.priorities == []
    assert made.unmapped == ("P1", "P2", "P3", "P4", "P5")
    assert "has no priorities" in made.warning
    with pytest.raises(Misconfigured, match="leave --priority out"):
        add(setup, "other", priorities=["P1=P1"])


@pytest.mark.usefixtures("acme")
def test_priorities_are_mapped_as_they_are_told(setup: Setup, pagerduty: Simulator) -> None:
    sev1, sev2, _, odd = call_priorities(pagerduty, "SEV1", "SEV2", "---", "a=b")
    made = add(setup, priorities=["P1=SEV1", f"P2={sev1}", "P3=SEV2", "P5=a=b"])
    assert [(one["case"], one["incident"]) for one in made.connector.priorities] == [
        ("P1", sev1),
        ("P2", sev1),
        ("P3", sev2),
        ("P5", odd),
    ]
    assert made.unmapped == ("P4",)


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize("wrong", ["P1", "P1=", "P6=SEV1", "=SEV1", "P1=SEV9", "p1=SEV1", "P1=---"])
def test_a_pair_that_is_none_is_answered_with_their_names(setup: Setup, pagerduty: Simulator, wrong: str) -> None:
    call_priorities(pagerduty, "SEV1", "---", "SEV2")
    with pytest.raises(Misconfigured, match=f"{wrong} is no pair of priorities; .* one of SEV1, SEV2"):
        add(setup, priorities=["P2=SEV2", wrong])
    assert names(setup) == []


@pytest.mark.usefixtures("acme")
def test_a_name_that_two_priorities_have_is_not_guessed(setup: Setup, pagerduty: Simulator) -> None:
    first, second = call_priorities(pagerduty, "High", "High")
    with pytest.raises(Misconfigured, match=f"called High; use an id: {first}, {second}"):
        add(setup, priorities=["P1=High"])
    assert add(setup, priorities=[f"P1={second}"]).connector.priorities[0]["incident"] == second


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ({"unacknowledged": "maybe"}, "unacknowledged = follow or ignore"),
        ({"case_reopened": ""}, "case_reopened = note or reopen"),
        ({"priority": "ours"}, "priority = pagerduty_wins or case_wins"),
        ({"colour": "red"}, "colour = red is no policy"),
        ({"title": ""}, "title = a template"),
        ({"title": "{{ titel }}"}, "it uses titel"),
        ({"body": "{% for x in title %}x{% endfor %}"}, "it uses for"),
    ],
)
def test_a_policy_that_means_nothing_is_answered_with_those_that_do(
    setup: Setup, pagerduty: Simulator, policy: dict[str, str], says: str
) -> None:
    before = len(pagerduty.journal.requests)
    with pytest.raises(Misconfigured, match=says):
        add(setup, policy=policy)
    assert names(setup) == []
    assert len(pagerduty.journal.requests) == before, "what is wrong by itself needs nobody to be asked"


@pytest.mark.usefixtures("acme")
def test_policies_are_kept(setup: Setup) -> None:
    policy = {"unacknowledged": "ignore", "case_reopened": "reopen", "priority": "case_wins", "title": "{{ case }}"}
    assert add(setup, policy=policy).connector.policy == policy


@pytest.mark.usefixtures("acme")
def test_a_second_connector_of_a_name_is_refused(setup: Setup) -> None:
    first = add(setup).connector
    with pytest.raises(Conflict, match="a connector called checkout already"):
        add(setup, service="Payments")
    with setup.db.read() as tx:
        assert connectors.all_of(tx) == {"checkout": first}


@pytest.fixture
def own_names(setup: Setup, desk: CaseDesk) -> CaseDesk:
    """A case desk whose priorities are not called as ours are."""
    desk.cases.priorities = ("Blocker", "High", "Low")
    add_casedesk(setup, "desk", base_url=desk.cases.url, token=desk.token)
    return desk


@pytest.mark.usefixtures("acme")
def test_a_case_desks_own_priorities_are_what_is_mapped(
    setup: Setup, pagerduty: Simulator, own_names: CaseDesk
) -> None:
    call_priorities(pagerduty, "SEV1", "SEV2")
    by_rank = add(setup, "one", cases="desk")
    assert (pairs(by_rank), by_rank.unmapped) == ([("Blocker", "SEV1"), ("High", "SEV2")], ("Low",))
    call_priorities(pagerduty, "Outage", "low", "HIGH")
    by_name = add(setup, "two", cases="desk")
    assert (pairs(by_name), by_name.unmapped) == ([("High", "HIGH"), ("Low", "low")], ("Blocker",))
    assert pairs(add(setup, "three", cases="desk", priorities=["Blocker=Outage"])) == [("Blocker", "Outage")]
    with pytest.raises(Misconfigured, match="write Blocker=NAME to Low=NAME with one of Outage, low, HIGH"):
        add(setup, "four", cases="desk", priorities=["P1=Outage"])
    own_names.switches.tells_names = False
    assert add(setup, "five", cases="desk").unmapped == ("P4", "P5")


@pytest.mark.usefixtures("own_names")
def test_a_service_key_maps_a_case_desks_own_priorities(setup: Setup, pagerduty: Simulator) -> None:
    where = pagerduty.account.api_url
    made = add_service_key(setup, "k", key=KEYS.payments, service_name="Payments", case_system="desk", where=where)
    assert pairs(made) == [("Blocker", "critical"), ("High", "error"), ("Low", "warning")]
    assert made.unmapped == ()


@pytest.mark.usefixtures("acme")
def test_a_case_desk_that_is_away_cannot_say_what_it_has(setup: Setup, own_names: CaseDesk) -> None:
    own_names.faults.lay(Fault(status=503))
    with pytest.raises(Unavailable, match="The case desk answered 503"):
        add(setup, cases="desk")
    assert names(setup) == []


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize("name", ["", "Check Out", "a" * 64])
def test_a_connectors_name_is_an_accounts(setup: Setup, name: str) -> None:
    with pytest.raises(Misconfigured, match="cannot be a name"):
        add(setup, name)


def test_both_ends_must_be_what_they_are_taken_for(setup: Setup, acme: str, desk: CaseDesk) -> None:
    add_casedesk(setup, "desk", base_url=desk.cases.url, token=desk.token)
    assert add(setup, "d", cases="desk").connector.case_system == "desk"
    with pytest.raises(NotFound, match="no case system called nobody"):
        add(setup, cases="nobody")
    with pytest.raises(Conflict, match="acme keeps incidents and no cases"):
        add(setup, cases=acme)
    for other in ("desk", BUILTIN):
        with pytest.raises(Conflict, match="not a PagerDuty account"):
            add_connector(setup, "x", integration=other, service="Checkout", case_system=BUILTIN)
    with pytest.raises(NotFound, match="no integration called nobody"):
        add_connector(setup, "x", integration="nobody", service="Checkout", case_system=BUILTIN)


@pytest.mark.usefixtures("acme")
def test_an_account_out_of_reach_makes_no_connector(setup: Setup, pagerduty: Simulator) -> None:
    pagerduty.faults.lay(Fault(path="/priorities", status=502))
    with pytest.raises(Unavailable, match="answered 502 to GET /priorities"):
        add(setup)
    assert names(setup) == []


@pytest.mark.usefixtures("acme")
def test_the_path_is_fixed(setup: Setup) -> None:
    assert add(setup).connector.path == "bidirectional"
    verbs = set(load(COMMANDS["connectors"]).commands)  # type: ignore[attr-defined]  # it is a group
    assert verbs == {"add", "list", "policy", "remove", "services", "types"}, (
        "nothing else of a connector changes once it is made"
    )
