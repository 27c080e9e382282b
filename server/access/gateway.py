"""Callers behind a gateway, which authenticates them and names them in header fields."""

from hmac import compare_digest
from ipaddress import IPv4Address, IPv6Address, ip_address

from server.config.access import GatewaySettings

from .caller import Caller, caller_name
from .credentials import Credentials
from .errors import Unauthenticated
from .groups import NOTHING, GroupGrants


class Gateway:
    """The gateway that the settings describe."""

    def __init__(self, settings: GatewaySettings) -> None:
        self._settings = settings
        self._secret = settings.secret.get_secret_value().encode() if settings.secret else None
        self._groups = GroupGrants(settings.grants)
        self._secret_header = settings.secret_header.encode()
        self._name_header = (settings.name_header or "").encode()
        self._groups_header = (settings.groups_header or "").encode()

    def caller(self, credentials: Credentials) -> Caller | None:
        """Return the caller that the gateway names. Returns None if the request did not come through the gateway.

        Raises Unauthenticated if the secret is wrong, if a header is repeated, or if the gateway names no user.
        """
        if not self._is_gateway(credentials):
            return None
        name = "gateway"
        if self._name_header:
            value = credentials.field(self._name_header)
            if not value:
                raise Unauthenticated("the gateway names no caller")
            name = caller_name("gateway", value.decode("utf-8", "replace"))
        if self._settings.everyone is not None:
            return Caller(name, self._settings.everyone.grants)
        groups = credentials.field(self._groups_header) or b""
        names = {group.strip() for group in groups.decode("utf-8", "replace").split(",")}
        return Caller(name, self._groups.of(names) if groups else NOTHING)

    def _is_gateway(self, credentials: Credentials) -> bool:
        """Return whether the request has each configured proof. Raises Unauthenticated if its secret is wrong."""
        if self._settings.addresses and not self._is_listed(credentials.peer):
            return False
        if self._secret is None:
            return True
        secret = credentials.field(self._secret_header)
        if secret is not None and not compare_digest(secret, self._secret):
            raise Unauthenticated("the secret of the gateway is wrong")
        return secret is not None

    def _is_listed(self, peer: str | None) -> bool:
        address = _address(peer)
        return address is not None and any(address in network for network in self._settings.addresses)


def _address(peer: str | None) -> IPv4Address | IPv6Address | None:
    """Return the address of a peer. One of IPv4 may be written as one of IPv6, on a socket for both."""
    try:
        address = ip_address(peer or "")
    except ValueError:  # a Unix socket has no address
        return None
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address
