"""Errors of the caller."""


class BadUserInput(Exception):
    """The caller's arguments are out of range, contradict each other, or do not decode."""
