"""The address of a Redis. No message contains a part of it, because it can have a password."""

from typing import Any

from pydantic import SecretStr
from redis.asyncio import Redis


class InvalidAddressError(ValueError):
    """The address cannot be used. The message says what to write instead."""


def create_client(url: SecretStr, **options: Any) -> Redis:
    """Return a client, which connects at its first command. Raises InvalidAddressError if the URL is not valid."""
    try:
        client: Redis = Redis.from_url(url.get_secret_value(), **options)
        client.connection_pool.make_connection()  # type: ignore[no-untyped-call] # finds unknown options, connects not
    except (ValueError, TypeError, AttributeError):
        message = "the URL cannot be read; percent-encode special characters in its password, such as %23 for #"
        raise InvalidAddressError(message) from None
    return client
