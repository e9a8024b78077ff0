"""Tests of syncd.systems."""
