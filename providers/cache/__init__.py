"""What is known of a provider's resources, and for how long."""
