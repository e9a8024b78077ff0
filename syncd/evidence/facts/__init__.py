"""What was collected of an account, as values: what was not read is a value of its own, and never taken for "none"."""
