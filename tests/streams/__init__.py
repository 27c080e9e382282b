"""What has more than one answer: subscriptions over both transports, and incremental delivery."""
