"""Tests of the graph as a part of a supergraph."""
