"""Tests of `server/process/`."""
