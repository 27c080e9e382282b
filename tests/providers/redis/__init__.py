"""Tests, with the same layout as the code."""
