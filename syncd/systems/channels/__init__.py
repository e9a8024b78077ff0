"""Where notices go: a webhook, a chat room, mail. Systems of their own, which keep no records and are only told."""
