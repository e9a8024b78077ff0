"""Asking notification_deliveries: a query becomes one statement with bound values, over columns that are named here alone."""
