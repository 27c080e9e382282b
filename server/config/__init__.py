"""The configuration file: settings, error messages, reload."""
