"""GraphQL over HTTP and WebSocket: requests in, responses out."""
