"""The soak: normal queries beside hostile clients and hostile providers, and what must hold meanwhile."""
