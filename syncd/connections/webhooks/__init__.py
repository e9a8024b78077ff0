"""The webhook subscriptions of an account: made, watched over, and replaced."""
