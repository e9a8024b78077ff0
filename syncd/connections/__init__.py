"""From stored accounts to things that can talk."""
