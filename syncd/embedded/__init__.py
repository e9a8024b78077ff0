"""Real parts as child processes of one parent: Valkey, and whatever `syncd up` runs. Nothing here knows what the parts are for."""
