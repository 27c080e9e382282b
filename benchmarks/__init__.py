"""How fast the service is, beside others that do the same work: `make bench`."""
