"""`syncd connectors`: the commands about integrations aimed at PagerDuty services."""

from . import making, policy, removing, services
from .group import connectors

__all__ = ["connectors", "making", "policy", "removing", "services"]
