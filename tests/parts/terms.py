"""On which terms tests join an account, unless they are about those."""

from __future__ import annotations

from syncd.connections.joining.terms import Terms

TERMS = Terms("Ana Lima", has_consented=True, is_two_way=True)
FLAGS = ("--consent", "--two-way")
