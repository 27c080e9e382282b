"""The configuration file: settings, messages about mistakes, reload."""
