"""What was not heard: asked for, looked for, compared, and told to ourselves."""
