"""Setting up accounts and connectors: everything is checked with the other side first, and nothing is stored until it was."""
