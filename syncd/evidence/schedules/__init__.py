"""On-call schedules as PagerDuty keeps them: layers (v2) and shifts (v3), read from its JSON."""
