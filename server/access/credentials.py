"""What a client presents to be authenticated: header fields, and the address of its connection."""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, NoReturn

from .errors import Unauthenticated

AUTHORIZATION, API_KEY = b"authorization", b"x-api-key"
_PAYLOAD_MEMBERS = {"authorization": AUTHORIZATION, "x-api-key": API_KEY}


@dataclass(slots=True, repr=False, eq=False)
class Credentials:
    """Header fields of a request or a WebSocket handshake, in lower case, and the address of the peer.

    `peer` is the address of the connection itself, never one that a header names.
    """

    headers: list[tuple[bytes, bytes]]
    peer: str | None = None

    @classmethod
    def of_scope(cls, scope: MutableMapping[str, Any]) -> "Credentials":
        """Return what the request or the WebSocket handshake of an ASGI scope presents."""
        client = scope.get("client")
        return cls(scope["headers"], client[0] if client else None)

    def with_payload(self, payload: object) -> "Credentials":
        """Return these credentials with those in the payload of `connection_init`, which replace a handshake's own.

        Its members are `Authorization` and `X-API-Key`, in any case. Others are ignored: a gateway identifies itself
        in the handshake. Raises Unauthenticated if a member is no text.
        """
        if not isinstance(payload, Mapping):
            return self
        presented = [
            (_PAYLOAD_MEMBERS[name.lower()], value)
            for name, value in payload.items()
            if name.lower() in _PAYLOAD_MEMBERS
        ]
        if not presented:
            return self
        if not all(isinstance(value, str) for _, value in presented):
            raise Unauthenticated("a credential in connection_init is no text")
        rest = [field for field in self.headers if field[0] not in {AUTHORIZATION, API_KEY}]
        return Credentials(rest + [(name, value.encode()) for name, value in presented], self.peer)

    def personal(self) -> tuple[bytes | None, bytes | None]:
        """Return the headers Authorization and X-API-Key. Raises Unauthenticated if one of them is repeated."""
        authorization = key = None
        for name, value in self.headers:
            if name == AUTHORIZATION:
                authorization = value if authorization is None else _refuse_repeated(name)
            elif name == API_KEY:
                key = value if key is None else _refuse_repeated(name)
        return authorization, key

    def field(self, name: bytes) -> bytes | None:
        """Return a header field, or None if it is missing. Raises Unauthenticated if it is repeated."""
        values = [value for other, value in self.headers if other == name]
        if len(values) > 1:
            _refuse_repeated(name)
        return values[0] if values else None


def _refuse_repeated(name: bytes) -> NoReturn:
    raise Unauthenticated(f"the header {name.decode()} is repeated")
