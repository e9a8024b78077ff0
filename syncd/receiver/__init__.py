"""The public door: hooks come in, are proven, stored and answered. It decides nothing about them."""
