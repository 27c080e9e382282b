"""The sockets that a service listens on: one for each worker, all on one port."""

import socket
import sys


def listeners(host: str, port: int, workers: int) -> list[socket.socket]:
    """Bound before anything starts; raises OSError.

    With one socket for all, whichever worker wakes first takes most connections. Linux spreads them over sockets
    that share a port; the first is made without sharing, so that a port that another service has is busy.
    """
    first = _listener(host, port)
    if workers == 1 or sys.platform != "linux":
        return [first] * workers
    taken = first.getsockname()[1]
    first.close()
    return [_listener(host, taken, share=True) for _ in range(workers)]


def _listener(host: str, port: int, *, share: bool = False) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, reuse_port=share)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # asyncio sets it only on sockets it makes itself
    return listener
