"""How calls reach a provider: requests, retries, limits, deadlines and recordings."""
