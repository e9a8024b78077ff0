"""What an account is judged by: thresholds and choices as values, and how people write them."""
