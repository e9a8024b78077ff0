"""Addresses of servers as people write them: how one is shown, and whether whoever will use it can read it."""
