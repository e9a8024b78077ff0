"""Who gets in: API tokens for programs, console users for people, and signing in."""
