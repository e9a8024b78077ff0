"""The report as a value, as JSON, as tables and as a page; what changed between two of them. All pure."""
