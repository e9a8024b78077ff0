"""Rules and presets: read from what people write, checked against what there is, and turned into an incident's words."""
