"""Tests of the console: the page of console/, in a browser."""
