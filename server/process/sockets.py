"""The listening sockets: one for each worker, all on one port."""

import socket
import sys

ANY_IPV6 = "::"  # the address that accepts connections of IPv6 and IPv4


def listeners(host: str, port: int, workers: int) -> list[socket.socket]:
    """Return a bound socket for each worker. Raises OSError if the address is not available.

    If all workers shared one socket, the worker that wakes first would accept most connections. Linux distributes
    connections over sockets that share a port (SO_REUSEPORT). The first socket is bound without sharing, so that a
    port that another service uses is an error. On other systems all workers share one socket.
    """
    first = _listener(host, port)
    if workers == 1 or sys.platform != "linux":
        return [first] * workers
    bound_port = first.getsockname()[1]
    first.close()
    return [_listener(host, bound_port, reuse_port=True) for _ in range(workers)]


def _listener(host: str, port: int, *, reuse_port: bool = False) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    is_any = host == ANY_IPV6 and socket.has_dualstack_ipv6()
    listener = socket.create_server((host, port), family=family, reuse_port=reuse_port, dualstack_ipv6=is_any)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # asyncio sets it only on sockets that it creates
    return listener
