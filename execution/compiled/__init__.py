"""Execution by generated code: plain data is completed without graphql-core's per-field work."""
