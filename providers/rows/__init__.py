"""How an author declares a provider: rows, whose columns say where each attribute is in the provider's JSON."""
