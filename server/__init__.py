"""Where it runs: HTTP, settings, command line."""
