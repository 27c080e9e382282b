"""Commands of the command line, each in a module."""
