"""What the requests of /v1 may carry. A field that is not named here is refused, because it is a typing mistake."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, StringConstraints

from syncd.core.permissions import TOKEN_DAYS, Role
from syncd.evidence.facts.dataset import Name as Dataset


def _in_capitals(given: object) -> object:
    return given.upper() if isinstance(given, str) else given


Priority = Annotated[Literal["P1", "P2", "P3", "P4", "P5"], BeforeValidator(_in_capitals)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1024)]
Words = Annotated[str, StringConstraints(max_length=60_000)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=60_000, pattern=r"\S")]
Slug = Annotated[str, StringConstraints(max_length=64)]
Word = Annotated[str, StringConstraints(max_length=255)]
Limit = Annotated[int, Field(ge=1, le=500)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OpenCase(Body):
    title: Title
    body: Words = ""
    priority: Priority = "P3"
    connector: Slug = ""
    source: Word = ""
    team: Word = ""
    labels: Annotated[
        tuple[Annotated[str, StringConstraints(min_length=1, max_length=255)], ...], Field(max_length=50)
    ] = ()
    service: Word = ""  # of the connector's, by id or name
    by: Name


class Act(Body):
    by: Name


class Acknowledge(Act):
    pass


class Close(Act):
    pass


class Reopen(Act):
    pass


class Resolve(Act):
    note: Words = ""


class SetPriority(Act):
    priority: Priority


class Comment(Act):
    text: Text


class ResolutionNote(Act):
    text: Words


class PauseLink(Act):
    why: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1024)] = ""


class ResumeLink(Act):
    pass


class PauseIntegration(Act):
    why: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1024)]


class ResumeIntegration(Act):
    pass


class Observe(Act):
    off: bool = False  # write to it again


Address = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2048)]


class AddIntegration(Act):
    name: Slug
    secret: SecretStr
    system: Literal["pagerduty", "casedesk"] = "pagerduty"
    email: Word = ""  # of PagerDuty: the user our writes are made as
    where: Address = ""  # of PagerDuty us, eu or an address, us when it is left out; of a case system its address
    writes_as: Word = "syncd"  # of a case system: the account our writes are made with
    consent: bool = False
    two_way: bool | None = None  # one-way, when it is left out
    read_only: bool = False
    act_as_person: bool = False
    evidence: bool = False  # it is collected from


class Authorise(Act):
    # Of an account connected by OAuth what is left out is as it was; of any other both are needed, and the kind is scoped.
    client_id: Word = ""
    secret: SecretStr = SecretStr("")  # the application's
    kind: Literal["classic", "scoped", "app"] | None = None
    email: Word = ""  # of an application: the user our writes are made as
    where: Address = ""
    subdomain: Word = ""  # of an application: acme of acme.pagerduty.com
    sign_in: Address = ""  # the authorisation server, where it is not PagerDuty's usual one
    consent: bool = False
    two_way: bool = False
    read_only: bool = False  # of a new account: no scope to write is asked for


class GiveSecret(Act):
    secret: SecretStr
    email: Annotated[str, StringConstraints(max_length=255)] = ""


class GiveHookSecret(Act):
    secret: SecretStr


class CreateWebhook(Act):
    service: Word = ""  # only the events of this one, by its id or its name


class RotateWebhook(Act):
    pass


class ChangeIntegration(Act):
    where: Address = ""  # asks for the secret again, which no new address is sent
    secret: SecretStr = SecretStr("")
    email: Word = ""  # another user our writes are made as
    act_as_person: bool | None = None
    read_only: bool | None = None  # off once its credential may write there
    evidence: bool | None = None  # whether it is collected from
    consent: bool = False


class Rotate(GiveSecret):
    move: bool = False  # the key is of another account, which takes the place of this one
    services: dict[Name, Name] = Field(default_factory=dict)  # with `move`: of the old account -> of the new one
    where: Annotated[str, StringConstraints(max_length=2048)] = ""  # with `move`: where the new one is asked
    dry_run: bool = False  # with `move`: only tell what would become of it


class Reconnect(Act):
    secret: SecretStr = SecretStr("")  # another credential; without one that which it has is tried again
    email: Word = ""  # with another key: another user our writes are made as


class RemoveIntegration(Act):
    dry_run: bool = False  # only tell what would go with it
    force: bool = False  # also when our subscription cannot be deleted over there


class ChangePriorities(Act):
    priorities: Annotated[
        tuple[Annotated[str, StringConstraints(min_length=3, max_length=300)], ...], Field(max_length=50)
    ]  # P1=NAME or P1=ID, all of them


class AddConnector(Act):
    name: Slug
    path: Literal["bidirectional", "service_key"] = "bidirectional"  # it stays as it is made
    integration: Slug = ""  # bidirectional: the PagerDuty account
    service: Word = ""  # bidirectional: where incidents are opened, its id or its name
    also: Annotated[list[Word], Field(max_length=1_000)] = []  # bidirectional: others that a case may ask for
    service_name: Word = ""  # service_key: what its service is called
    secret: SecretStr = SecretStr("")  # service_key: the integration key of that service
    where: Address = ""  # service_key: us, when it is left out, eu or an address
    cases: Slug = "cases"  # the case system
    # P1=NAME or P1=ID, of a service key P1=critical and the like; proposed when there are none
    priorities: Annotated[
        list[Annotated[str, StringConstraints(min_length=3, max_length=300)]], Field(max_length=50)
    ] = []
    policy: dict[Slug, Words] = Field(default_factory=dict)


class RemoveConnector(Act):
    dry_run: bool = False  # only tell what would go with it
    end_links: bool = False  # also its live links


class SwitchTwoWay(Act):
    on: bool


DeliveryIds = Annotated[list[Annotated[int, Field(ge=1, lt=2**63)]], Field(min_length=1, max_length=500)]


class Replay(Act):
    ids: DeliveryIds
    dry_run: bool = False  # only tell what would be sent


class Park(Act):
    ids: DeliveryIds
    why: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1024)]


class ResolveConflict(Act):
    link: Annotated[int, Field(ge=1, lt=2**63)]
    field: Literal["priority", "resolution_note"]
    to: Literal["case", "pagerduty"]


class Repair(Act):
    since: AwareDatetime
    is_deep: bool = False  # read every record of ours, also where no list shows a change
    integration: Slug = ""  # every account, when it is left out


class AlertLink(Body):
    href: Annotated[str, StringConstraints(min_length=1, max_length=2048)]
    text: Annotated[str, StringConstraints(max_length=255)] = ""


class SendAlert(Act):
    connector: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
    action: Literal["trigger", "acknowledge", "resolve"] = "trigger"
    summary: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1024)] = ""
    severity: Literal["critical", "error", "warning", "info"] = "error"
    dedup_key: Annotated[str, StringConstraints(strip_whitespace=True, max_length=190)] = ""
    source: Annotated[str, StringConstraints(strip_whitespace=True, max_length=255)] = ""
    details: Words = ""
    links: Annotated[list[AlertLink], Field(max_length=20)] = []


class IssueToken(Act):
    name: Name
    role: Role
    integrations: Annotated[list[Slug], Field(max_length=100)] = []  # every one, when it is left out
    expires_days: Annotated[int, Field(ge=1, le=3650)] | Literal["never"] = TOKEN_DAYS


class RevokeToken(Act):
    pass


class AddUser(Act):
    name: Name
    role: Role
    password: SecretStr


class ChangePassword(Act):
    password: SecretStr


class DisableUser(Act):
    pass


class SaveView(Act):
    name: Word
    q: Annotated[str, StringConstraints(max_length=4_000)]
    everybody: bool = False


class RemoveView(Act):
    everybody: bool = False


Texts = str | list[str] | None  # what a rule wants of a field: checked where rules are read


class AddRule(Act):
    name: str
    connector: str
    preset: str = ""
    source: Texts = None
    priority: Texts = None
    team: Texts = None
    labels: Texts = None
    title: Texts = None
    at: Annotated[int, Field(ge=1, le=10_000)] | None = None  # counted from one; at the end, when it is left out
    replace: bool = False  # one of its name


class MoveRule(Act):
    to: Annotated[int, Field(ge=1, le=10_000)]


class RemoveRule(Act):
    pass


class ImportRules(Act):
    text: Annotated[str, StringConstraints(max_length=400_000)]
    file: Name = "routes.toml"  # only for the faults to name
    check: bool = False  # only tell what would change


class AddPreset(Act):
    name: str
    title: str = ""
    body: str = ""
    urgency: str = ""
    integration: str = ""
    priorities: dict[str, str] = Field(default_factory=dict)
    escalation_policy: str = ""
    replace: bool = False  # one of its name


class RemovePreset(Act):
    pass


class CollectEvidence(Act):
    datasets: Annotated[tuple[Dataset, ...], Field(max_length=20)] = ()  # all of them, when none is named
    since: AwareDatetime | None = None  # incidents and the audit trail from then on


class AcceptFinding(Act):
    check: Word
    subject: Word = ""  # an id; whatever the check finds, when it is left out
    until: Annotated[
        str, StringConstraints(min_length=1, max_length=64)
    ]  # the last day on which it counts, or a moment
    why: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1024)]


class WithdrawAcceptance(Act):
    acceptance: Annotated[int, Field(ge=1, lt=2**31)]


class MakeBundle(Act):
    period: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)] = "30d"
    pseudonyms: bool = False  # no name of a person is in it
    snapshot: Annotated[int, Field(ge=1, lt=2**31)] | None = (
        None  # of this one again what is kept: its signed manifest and its report
    )
