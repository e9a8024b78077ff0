"""`syncd integrations`: the commands about accounts, one file for each kind of order."""

from . import adding, changing, log, looking, removing, restraint, webhook
from .group import integrations

__all__ = ["adding", "changing", "integrations", "log", "looking", "removing", "restraint", "webhook"]
