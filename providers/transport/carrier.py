"""The seam between an account's client and the HTTP library that carries its calls."""

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from providers.errors import FailureCause

CONNECT_TIMEOUT = 4  # seconds for the host name, the connection and TLS; enough for two lost packets
IDLE_TIMEOUT = 20  # seconds of an idle connection in the pool; most load balancers close one after 60 seconds
MAX_BODY = 16 * 1024 * 1024  # bytes
# The only response headers that are copied: there can be many.
READ_HEADERS = ("content-encoding", "retry-after", "fastly-ratelimit-reset", "fastly-ratelimit-remaining", "date")


class CarrierRequest:
    """A GET request that can be sent any number of times.

    `encoded` belongs to the carrier: the request in the form that its library takes.
    """

    __slots__ = ("encoded", "headers", "url")

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self.url, self.headers = url, headers
        self.encoded: Any = None

    def with_headers(self, headers: Mapping[str, str]) -> "CarrierRequest":
        """Return a request with more headers."""
        return CarrierRequest(self.url, {**self.headers, **headers})


class CarrierResponse(msgspec.Struct, frozen=True):
    """A response of any status. `headers` has those of READ_HEADERS that it carries.

    `failure` says why `body` cannot be used, or is None.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    failure: FailureCause | None = None


class NetworkFailure(Exception):
    """No status has arrived."""

    def __init__(self, cause: FailureCause) -> None:
        super().__init__(cause.value)
        self.cause = cause


class Carrier(Protocol):
    """Pooled HTTP/1.1 connections to all hosts.

    A carrier stores no cookies, follows no redirects and decompresses no bodies. A cancelled call closes its
    connection.
    """

    async def get(self, request: CarrierRequest) -> CarrierResponse:
        """Send a request and read at most MAX_BODY bytes of its body. Raises NetworkFailure if no status arrives."""

    async def aclose(self) -> None:
        """Close the idle connections. The carrier cannot be used afterwards."""
