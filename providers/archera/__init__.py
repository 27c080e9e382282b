"""Archera: list, detail by year and month, line items."""
