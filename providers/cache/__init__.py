"""Caches of provider resources: in the process, and shared over Redis."""
