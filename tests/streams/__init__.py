"""Operations with several results: subscriptions over both transports, and incremental delivery."""
