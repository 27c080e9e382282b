"""The service: HTTP endpoint, operations, processes, configuration and command line."""
