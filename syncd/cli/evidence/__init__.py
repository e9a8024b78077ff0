"""`syncd evidence`: whether the incident response programme is ready, and the proof of it. One file for each kind of order."""

from . import accepting, bundling, collecting, comparing, freshness, keys, reporting, snapshots, verifying
from .group import evidence

__all__ = [
    "accepting",
    "bundling",
    "collecting",
    "comparing",
    "evidence",
    "freshness",
    "keys",
    "reporting",
    "snapshots",
    "verifying",
]
