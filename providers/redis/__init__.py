"""The state that several instances share in one Redis or Valkey."""
