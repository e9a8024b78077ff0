"""GET /metrics, on a listener of its own."""
