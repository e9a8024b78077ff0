"""How the daemon does, in numbers for those who watch it over time."""
