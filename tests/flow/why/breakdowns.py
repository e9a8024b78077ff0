"""Further ways to break a system that runs: those that leave no room for others, so that each comes alone."""

from __future__ import annotations

from collections.abc import Mapping

from syncd.connections.joining import accounts
from syncd.connections.joining.connectors import add_connector
from syncd.connections.joining.service_key import add_service_key
from syncd.core.why.gate import Gate
from syncd.core.why.verdict import Who
from syncd.flow.orders.routing import remove_rule
from syncd.simulator import BOT_EMAIL, KEYS, Fault
from syncd.simulator.account import Withheld
from syncd.store.cases import NewCase
from tests.connections.site import ACME
from tests.flow.why.breakages import ANOTHER_KEY, BEN, NOTES, Act, Breakage, calm, comment, look, make_key
from tests.flow.why.whole import ANA, Whole

BEN_EMAIL, PAGER = "ben.osei@example.com", "pager"


def _deactivate_sender(whole: Whole) -> None:
    whole.people.deactivate(BOT_EMAIL)
    comment(whole)


def _deactivate_owner(whole: Whole) -> None:
    """Of a personal key: it dies with its owner."""
    accounts.rotate(whole.site.setup, ACME, KEYS.user, by="Ana")
    whole.people.deactivate("Ana Lima")
    comment(whole)


def _let_only_read(whole: Whole) -> None:
    whole.site.pagerduty.account.keys[KEYS.full].kind = "read_only"
    comment(whole)


def _add_pager(whole: Whole) -> None:
    """A service key beside the rest, and a case that goes by it."""
    url = whole.site.pagerduty.account.api_url
    add_service_key(whole.site.setup, PAGER, key=KEYS.payments, service_name="Payments", case_system="cases", where=url)
    whole.cases.open(NewCase("Another", connector=PAGER), ANA)
    whole.settle()


def _delete_service_key(whole: Whole) -> None:
    _add_pager(whole)
    del whole.site.pagerduty.account.integration_keys[KEYS.payments]
    whole.cases.acknowledge("CS-2", ANA)
    whole.settle()


def _open_another(whole: Whole) -> None:
    whole.cases.open(NewCase("Another"), ANA)
    whole.settle()


def _take_off_call(whole: Whole) -> None:
    _on_call(whole)
    _open_another(whole)


def _on_call(whole: Whole, *users: str) -> None:
    for service in whole.site.pagerduty.account.services.values():
        whole.people.set_on_call(service.id, users)


def _delete_service(whole: Whole) -> None:
    services = whole.site.pagerduty.account.services
    del services[next(one.id for one in services.values() if one.name == "Payments")]
    _open_another(whole)


def _name_no_connector(whole: Whole) -> None:
    """Two of them, and neither the case nor a rule says which."""
    add_connector(whole.site.setup, "checkout", integration=ACME, service="Checkout", case_system="cases")
    remove_rule(whole.site.setup.db, "everything-else", by="Ana")
    _open_another(whole)


def _withhold_notes(whole: Whole) -> None:
    whole.people.withhold(KEYS.full, Withheld(NOTES))
    comment(whole)


def _delete_priority(whole: Whole) -> None:
    priorities = whole.site.pagerduty.account.priorities
    del priorities[next(one.id for one in priorities.values() if one.name == "P1")]
    whole.cases.set_priority("CS-1", ANA, "P1")
    whole.settle()


def _failing(status: int) -> Act:
    def fail(whole: Whole) -> None:
        whole.site.pagerduty.faults.lay(Fault(count=0, methods=("POST",), path=NOTES, status=status))
        comment(whole)

    return fail


def _hear_nothing(whole: Whole) -> None:
    whole.site.look()
    whole.people.acknowledge(whole.incident.id, BEN)
    whole.site.lose()
    whole.site.look()
    whole.site.lose()
    whole.site.look(60)


def _hear_again(whole: Whole) -> None:
    """The next look asks for another ping, and it comes."""
    whole.people.note(whole.incident.id, "Looking", BEN)
    whole.settle()
    look(whole)


def _stop_workers(whole: Whole) -> None:
    whole.cases.comment("CS-1", ANA, "Looking")
    whole.site.clock.forward(61)


def _disable(whole: Whole) -> None:
    """Three hooks are refused, and then the key may only read."""
    for number in range(3):
        whole.people.note(whole.incident.id, f"Looking {number}", BEN)
    assert whole.site.carry(wrongly=True) == [False] * 3
    whole.site.pagerduty.account.keys[KEYS.full].kind = "read_only"
    whole.site.look()


BREAKDOWNS: Mapping[str, Breakage] = {
    "From user deactivated": Breakage(
        Gate.CONNECTED,
        "(SYN-PAG-SENDER)",
        _deactivate_sender,
        "syncd integrations set acme --email ADDRESS",
        "SYN-PAG-SENDER",
        filled={"ADDRESS": BEN_EMAIL},
    ),
    "owner of the key deactivated": Breakage(
        Gate.CONNECTED,
        "(PAG-100-B)",
        _deactivate_owner,
        "syncd integrations rotate acme",
        "PAG-100-B",
        secret=KEYS.full,
        besides=f" --email {BOT_EMAIL}",
    ),
    "key that may only read any more": Breakage(
        Gate.CONNECTED,
        "(SYN-PAG-READONLY)",
        _let_only_read,
        "syncd integrations rotate acme",
        "SYN-PAG-READONLY",
        outside=make_key,
        secret=ANOTHER_KEY,
    ),
    "service key": Breakage(
        Gate.SWITCHED_ON,
        "sends by a service key",
        _add_pager,
        "syncd connectors add",
        about="CS-2",
        stays="a link stays with the connector that opened it; another one is for the cases to come",
    ),
    "service key deleted": Breakage(
        Gate.CONNECTED,
        "(SYN-PAG-SERVICE-KEY)",
        _delete_service_key,
        "syncd integrations rotate pager",
        "SYN-PAG-SERVICE-KEY",
        about="CS-2",
        secret=KEYS.checkout,
        stays="by a service key nothing comes back, and that is told then",
    ),
    "nobody on call": Breakage(
        Gate.LINKED,
        "none could be opened",
        _take_off_call,
        "syncd deliveries replay {delivery} --yes",
        about="CS-2",
        outside=lambda whole: _on_call(whole, "Ana Lima"),
    ),
    "service deleted": Breakage(
        Gate.LINKED,
        "none could be opened",
        _delete_service,
        "syncd deliveries replay {delivery} --yes",
        about="CS-2",
        stays="a deleted service does not come back",
    ),
    "no connector": Breakage(
        Gate.LINKED,
        "sent to no connector",
        _name_no_connector,
        "syncd routes add",
        about="CS-2",
        stays="which rule is to be made only a person knows",
    ),
    "right withheld": Breakage(
        Gate.DELIVERED,
        "refused for good",
        _withhold_notes,
        "syncd integrations rotate acme",
        outside=make_key,
        secret=ANOTHER_KEY,
    ),
    "priority deleted": Breakage(
        Gate.MAPPED,
        "Invalid Priority",
        _delete_priority,
        "syncd deliveries replay {delivery} --yes",
        "SYN-PAG-PRIORITIES",
        stays="a deleted priority does not come back",
    ),
    "PagerDuty in trouble": Breakage(
        Gate.DELIVERED,
        "came to nothing",
        _failing(503),
        code="SYN-PAG-TROUBLE",
        who=Who.PAGERDUTY,
        outside=calm,
        passes=120.0,
    ),
    "ping that never comes": Breakage(
        Gate.HEARD, "and none has come", _hear_nothing, code="SYN-HOOK-SILENT", outside=_hear_again
    ),
    "no worker": Breakage(
        Gate.HEARD, "No worker is running", _stop_workers, "syncd worker", "SYN-WORKER", goes_on=True
    ),
    "subscription that the key may not enable": Breakage(
        Gate.HEARD,
        "It cannot be put right from here",
        _disable,
        "syncd integrations rotate acme",
        "SYN-HOOK-SUBSCRIPTION",
        outside=make_key,
        secret=ANOTHER_KEY,
        afterwards=look,
    ),
}
