"""Figures, not tests: `make bench` prints them, tests/bench/README.md keeps them."""
