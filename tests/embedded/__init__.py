"""Tests of the embedded parts, with real processes."""
