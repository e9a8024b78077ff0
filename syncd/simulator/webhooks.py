"""PagerDuty's side of webhooks: who gets which event, how it is signed, and when a subscription is disabled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.simulator import events, signing
from syncd.simulator.account import Subscription
from syncd.simulator.asked import JSON_TYPE, Json, encode
from syncd.simulator.courier import Courier, Parcel
from syncd.simulator.switches import Carriage
from syncd.simulator.world import World

WRONG_SECRET = "not-the-secret"  # noqa: S105 - what a wrongly signed webhook is signed with, on purpose
MADE_UP = (
    "PSTRANGER"  # the subscription that a forged one names: who has no secret of ours knows no name of ours either
)


@dataclass(slots=True)
class Webhooks:
    """Implements `Announce` towards the world and `Sender` towards the courier."""

    world: World
    carriage: Carriage
    courier: Courier | None = None

    def __call__(
        self,
        event_type: str,
        data: Json,
        *,
        agent: Json | None,
        resource: str,
        service_id: str | None,
        is_forged: bool = False,
    ) -> None:
        client = {"name": "PagerDuty"} if self.world.switches.client_in_webhooks else None
        event_id, now = self.world.ids.event(), self.world.now()
        body = encode(events.envelope(event_id, event_type, now, data, agent, client))
        for subscription in list(self.world.account.subscriptions.values()):
            if self._wants(subscription, event_type, service_id):
                self._post(subscription, event_type, event_id, resource, body, is_forged=is_forged)

    def ping(self, subscription: Subscription) -> None:
        event_id = self.world.ids.event()
        body = encode(
            events.envelope(event_id, "pagey.ping", self.world.now(), events.ping_data(), agent=None, client=None)
        )
        self._post(subscription, "pagey.ping", event_id, "pagey", body)

    def _wants(self, subscription: Subscription, event_type: str, service_id: str | None) -> bool:
        if not subscription.active or event_type not in subscription.events:
            return False
        return subscription.filter_type == "account_reference" or subscription.filter_id == service_id

    def _post(
        self,
        subscription: Subscription,
        event_type: str,
        event_id: str,
        resource: str,
        body: bytes,
        *,
        is_forged: bool = False,
    ) -> None:
        if self.courier is None or subscription.is_disabled(self.world.now()):
            return
        self.courier.send(
            Parcel(
                webhook_id=self.world.ids.uuid(),
                subscription=subscription.id,
                queue=subscription.queue,
                resource=resource,
                event_type=event_type,
                event_id=event_id,
                body=body,
                is_forged=is_forged,
            )
        )

    def address(self, parcel: Parcel) -> str | None:
        with self.world.lock:
            subscription = self.world.account.subscriptions.get(parcel.subscription)
            if subscription is None or subscription.queue != parcel.queue:
                return None
            return subscription.url

    def seal(self, parcel: Parcel, at: datetime, *, wrongly: bool) -> Mapping[str, str]:  # noqa: ARG002 - PagerDuty sends no time of the try
        with self.world.lock:
            subscription = self.world.account.subscriptions.get(parcel.subscription)
            secrets = [WRONG_SECRET] if wrongly or subscription is None else list(subscription.secrets)
            custom = dict(subscription.custom_headers) if subscription and not parcel.is_forged else {}
        return {
            "Content-Type": JSON_TYPE,
            "Accept": JSON_TYPE,
            "User-Agent": "PagerDuty-Webhook/V3.0",
            "X-PagerDuty-Signature": signing.pagerduty(secrets, parcel.body),
            "X-Webhook-Id": parcel.webhook_id,
            "X-Webhook-Subscription": MADE_UP if parcel.is_forged else parcel.subscription,
            **custom,
        }

    def delivered(self, parcel: Parcel) -> None:
        with self.world.lock:
            if subscription := self.world.account.subscriptions.get(parcel.subscription):
                subscription.dropped_in_a_row = 0

    def dropped(self, parcel: Parcel) -> None:
        """Three in a row disable the subscription for a day, and everything queued for it is lost."""
        if parcel.is_forged:  # PagerDuty never sent it.
            return
        with self.world.lock:
            subscription = self.world.account.subscriptions.get(parcel.subscription)
            if subscription is None:
                return
            subscription.dropped_in_a_row += 1
            if subscription.dropped_in_a_row >= self.carriage.disable_after:
                subscription.disabled_until = self.world.now() + timedelta(seconds=self.carriage.disabled_s)
                subscription.dropped_in_a_row = 0
                subscription.queue += 1
