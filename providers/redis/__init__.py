"""What several instances share in one Redis or Valkey."""
