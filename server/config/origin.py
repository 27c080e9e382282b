"""Origins of web pages in one spelling, so that equal origins are equal texts."""

from collections.abc import Collection
from urllib.parse import urlsplit

from .hosts import MAX_LENGTH

_DEFAULT_PORTS = {"http": 80, "https": 443}


def parse_origin(text: str) -> str | None:
    """Return `scheme://host[:port]` in lower case, without the scheme's default port.

    Returns None if `text` is not the origin of a web page, or longer than one. Pages without an origin send `null`.
    """
    if len(text) > MAX_LENGTH:
        return None
    try:
        url = urlsplit(text.strip())
        host, port = url.hostname, url.port
    except ValueError:  # not a URL, such as http://[, or a port above 65535
        return None
    if not host or not text.isascii() or url.scheme not in _DEFAULT_PORTS:
        return None
    if "@" in url.netloc or url.path.strip("/") or url.query or url.fragment:
        return None
    host = f"[{host}]" if ":" in host else host
    return f"{url.scheme}://{host}" + ("" if port in {None, _DEFAULT_PORTS[url.scheme]} else f":{port}")


def is_own_origin(origin: str, host: str, public_origins: Collection[str]) -> bool:
    """Return whether a page of this service has that origin.

    `host`: the header Host. Behind a proxy it may name another host, or the default port. `public_origins` are
    origins as `parse_origin` returns them.
    """
    page = parse_origin(origin)
    if page is None:
        return False
    scheme = page.partition("://")[0]
    return page in public_origins or page == parse_origin(f"{scheme}://{host}")
