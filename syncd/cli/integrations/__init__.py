"""`syncd integrations`: the commands about accounts, one file for each kind of order."""

from . import adding, log, looking, restraint, webhook
from .group import integrations

__all__ = ["adding", "integrations", "log", "looking", "restraint", "webhook"]
