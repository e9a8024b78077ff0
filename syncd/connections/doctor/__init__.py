"""What a check-up asks of one account. Nothing is written over there."""
