"""Tests of row classes and their columns."""
