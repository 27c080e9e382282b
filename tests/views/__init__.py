"""What callers with different grants see of one service."""
