"""Who calls: each method over HTTP and WebSocket."""
