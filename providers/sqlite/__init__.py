"""The store in a file of this host: SQLite."""
