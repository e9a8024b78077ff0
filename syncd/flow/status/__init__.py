"""How the daemon is, read from the tables for whoever asks; every finding names its fix."""
