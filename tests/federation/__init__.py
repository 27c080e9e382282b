"""Tests of the service as a subgraph of a supergraph."""
