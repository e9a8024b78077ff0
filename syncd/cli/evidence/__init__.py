"""`syncd evidence`: whether the incident response programme is ready, and the proof of it. One file for each kind of order."""

from . import collecting, freshness
from .group import evidence

__all__ = ["collecting", "evidence", "freshness"]
