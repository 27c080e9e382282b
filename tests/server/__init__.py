"""Tests of the service, in the layout of `server/`."""
