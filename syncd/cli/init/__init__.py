"""`syncd init`: the first set-up from an account to a connector, one file for each step. Run again it goes on from what is there."""

from .command import init

__all__ = ["init"]
