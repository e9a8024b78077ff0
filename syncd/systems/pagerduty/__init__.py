"""PagerDuty: REST API v2 and webhooks v3, behind the same port as every case system."""
