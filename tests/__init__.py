"""Tests, in the layout of the code that they test."""
