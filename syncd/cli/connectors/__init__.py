"""`syncd connectors`: the commands about integrations aimed at one PagerDuty service."""

from . import making, policy, removing
from .group import connectors

__all__ = ["connectors", "making", "policy", "removing"]
