"""Resolvers: batching, merging and paging of provider data."""
