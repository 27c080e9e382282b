"""Fastly: a paged list, get by id, month to date."""
