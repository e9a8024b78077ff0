"""What a check-up finds without any database: the broker, and the address the internet reaches us under."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from syncd.core.checked import Checked, failed, fine, warned
from syncd.core.judging import State
from syncd.errors import Unavailable
from syncd.queue import eviction_policy
from syncd.settings import Settings
from syncd.store.folder import others_may_write
from syncd.systems.channels.port import Channel
from syncd.systems.channels.unusable import Unusable

WITHIN = 3.0  # seconds
_KEEPS = "noeviction"


def broker(settings: Settings, *, is_embedded: bool = False) -> Iterator[Checked]:
    """`is_embedded`: no setting names it, but the `syncd up` that brought it."""
    if not settings.redis_url:
        said = f"None is named, and no `syncd up` runs in {settings.home}, which would bring its own."
        yield fine("broker", said)
        return
    try:
        policy = eviction_policy(settings, WITHIN)
    except Unavailable as error:
        yield failed("broker", "SYN-BROKER", str(error))
        return
    whose = ", which `syncd up` brought," if is_embedded else ""
    yield fine("broker", f"{settings.shown()['redis_url']}{whose} answers.")
    if not policy:
        said = "The broker does not tell its maxmemory-policy; it should be noeviction."
        yield Checked("broker eviction", State.UNKNOWN, said)
    elif policy == _KEEPS:
        yield fine("broker eviction", "Its maxmemory-policy is noeviction.")
    else:
        yield warned("broker eviction", "SYN-BROKER-EVICTS", f"Its maxmemory-policy is {policy}.")


def channels(told_by: Mapping[str, Channel]) -> Iterator[Checked]:
    for name, one in told_by.items():
        if isinstance(one, Unusable):
            yield failed("channel", "SYN-CHANNEL", f"{name}: {one.why}")
        else:
            yield fine("channel", f"{name}: notices go to {one.where}.")


def home(settings: Settings) -> Iterator[Checked]:
    shared = others_may_write(settings.home)
    if shared:
        yield failed("home", "SYN-HOME", shared)
    elif settings.home.exists():
        yield fine("home", f"Only its owner may write to {settings.home}.")


def public_url(settings: Settings) -> Iterator[Checked]:
    url = settings.public_url
    if not url:
        said = "None is set, so no webhook can be made, and changes are found by looking."
        yield warned("public URL", "SYN-PUBLIC-URL", said)
    elif urlsplit(url).scheme != "https":
        yield warned("public URL", "SYN-PUBLIC-URL", f"{url} is not https; PagerDuty calls it in the clear.")
    else:
        yield fine("public URL", url)
