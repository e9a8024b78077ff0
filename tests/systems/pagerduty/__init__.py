"""Tests of syncd.systems.pagerduty."""
