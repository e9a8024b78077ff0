"""How each dataset is read, purely: what is asked next, by what was answered before, and what it comes to."""
