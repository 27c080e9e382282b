"""Hosts that requests may name. A page of another site can rebind its own host name to the address of this service."""

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

ANY_HOST = "*"
MAX_LENGTH = 300  # characters of a host with its port: a name has at most 253


def parse_host(text: str) -> str | None:
    """Return the host of a `Host` header, or of a setting, in lower case and without its port.

    Returns None if `text` is not a host, or longer than MAX_LENGTH.
    """
    if len(text) > MAX_LENGTH:
        return None
    try:
        url = urlsplit(f"//{text.strip()}")
        _ = url.port  # raises ValueError above 65535
    except ValueError:
        return None
    is_host = text.isascii() and url.netloc and "@" not in url.netloc and not (url.path or url.query or url.fragment)
    return url.hostname.rstrip(".") if is_host and url.hostname else None


def is_allowed_host(text: str, allowed: Collection[str]) -> bool:
    """Return whether a request may name this host.

    An IP address and localhost always may: a page cannot rebind them. `allowed` are hosts as `parse_host` returns
    them, or `*` for all hosts.
    """
    host = parse_host(text)
    if host is None:
        return False
    return host in allowed or ANY_HOST in allowed or host == "localhost" or _is_address(host)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
