"""A finding opens a case, once, keeps it up to date, and closes it when its check passes."""
