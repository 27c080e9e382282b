"""Benchmarks of the service and other gateways with the same work: `make bench`."""
