"""Execution by generated code: completes plain data without graphql-core's work per field."""
