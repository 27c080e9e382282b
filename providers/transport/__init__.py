"""Provider calls: requests, retries, limits, deadlines and recordings."""
