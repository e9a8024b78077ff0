"""The demo's page: both sides and the log between."""
