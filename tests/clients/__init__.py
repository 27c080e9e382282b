"""Clients that frontend and Python teams use, set up as in docs/clients.md."""
