"""The stories of the daemon, as straight lines: accept, plan, deliver, and what keeps them going."""
