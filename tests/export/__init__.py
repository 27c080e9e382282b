"""Tests of the files that the service makes."""
