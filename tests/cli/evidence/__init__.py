"""Tests of `syncd evidence`."""
