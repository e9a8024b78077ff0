"""Tests of the pure middle, and the make-believe world its convergence is tried in."""
