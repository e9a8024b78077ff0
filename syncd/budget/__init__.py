"""How many requests may go out: one budget for each credential, shared by all workers. The only room beside queue that knows redis."""
