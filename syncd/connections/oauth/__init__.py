"""Connecting an account by OAuth: a person is sent to agree, what comes back is taken once, and nothing is stored before it suffices."""
