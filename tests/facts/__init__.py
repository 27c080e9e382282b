"""What each provider's wire really says, seen from GraphQL over HTTP."""
