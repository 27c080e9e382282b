"""Where answers come from: one uniform folder for each provider."""
