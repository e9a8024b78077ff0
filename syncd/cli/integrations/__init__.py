"""`syncd integrations`: the commands about accounts, one file for each kind of order."""

from . import adding, authorising, changing, log, looking, reconnecting, removing, restraint, rotating, webhook
from .group import integrations

__all__ = [
    "adding",
    "authorising",
    "changing",
    "integrations",
    "log",
    "looking",
    "reconnecting",
    "removing",
    "restraint",
    "rotating",
    "webhook",
]
