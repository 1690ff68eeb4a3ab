"""Tests: the real thing, small."""
