"""What a key reaches: one question for each subject, what they came to, and what of that is told."""
