"""syncd for assistants that speak the Model Context Protocol. It stands on what the commands stand on, here or at a daemon elsewhere."""
