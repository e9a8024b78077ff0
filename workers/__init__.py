"""Celery tasks. Each is a name, a shard at most, and one call into syncd."""
