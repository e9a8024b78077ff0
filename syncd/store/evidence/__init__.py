"""What evidence keeps, in SQL: what was collected of an account, and what was answered by it."""
