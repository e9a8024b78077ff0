"""syncd keeps a case and its PagerDuty incident in step, both ways."""

__version__ = "0.1.0"
