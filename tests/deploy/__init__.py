"""Tests of what is delivered: locks, the install, compose, systemd units, the image's recipe."""
