"""Clients that frontend and Python teams use, set up as docs/clients.md says."""
