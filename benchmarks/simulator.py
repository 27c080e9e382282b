"""All three providers in one process that answers faster than anybody asks: what is sent is made once, and kept.

`/PROVIDER/INVOICES/LINES/...` is a provider's API with so many invoices of so many lines each.
`/control` tells the calls since the last `/control?latency=SECONDS`, which sets how long each answer waits.
"""

import asyncio
import json
import signal
import ssl
import sys
from collections import Counter
from contextlib import suppress
from typing import cast
from urllib.parse import parse_qs, urlsplit

import trustme
import uvloop

from . import wire

_END = b"\r\n\r\n"


class Simulator:
    """The answers that were made, and what was asked since the last reset."""

    def __init__(self) -> None:
        self._made: dict[bytes, tuple[str, bytes]] = {}
        self.reset(0)

    def reset(self, latency: float) -> None:
        self.latency, self.in_flight, self.peak = latency, 0, 0
        self.calls: Counter[str] = Counter()

    def answer(self, target: bytes) -> bytes:
        """Counts the call."""
        made = self._made.get(target)
        if made is None:
            if target.startswith(b"/control"):
                return self._control(target)
            made = self._made[target] = _made(target)
        self.calls[made[0]] += 1
        return made[1]

    def _control(self, target: bytes) -> bytes:
        wanted = parse_qs(urlsplit(target.decode()).query)
        if "latency" in wanted:
            self.reset(float(wanted["latency"][0]))
        return _response(200, json.dumps({"calls": self.calls, "peak": self.peak}).encode())


class Connection(asyncio.Protocol):
    """Reads no more of a request than its target: callers send GETs, without bodies."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator, self._read = simulator, b""
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by its class

    def data_received(self, data: bytes) -> None:
        *requests, self._read = (self._read + data).split(_END)
        for request in requests:
            target = request.split(b" ", 2)[1]
            answer = self._simulator.answer(target)
            if self._simulator.latency and not target.startswith(b"/control"):
                self._later(answer)
            else:
                self._transport.write(answer)

    def _later(self, answer: bytes) -> None:
        simulator = self._simulator
        simulator.in_flight += 1
        simulator.peak = max(simulator.peak, simulator.in_flight)
        self._loop.call_later(simulator.latency, self._send, answer)

    def _send(self, answer: bytes) -> None:
        self._simulator.in_flight -= 1
        if not self._transport.is_closing():
            self._transport.write(answer)


def _made(target: bytes) -> tuple[str, bytes]:
    parts = urlsplit(target.decode())
    with suppress(LookupError, ValueError):
        provider, invoices, lines, *path = parts.path.strip("/").split("/")
        resource, body = wire.answer(provider, int(invoices), int(lines), path, parts.query)
        return resource, _response(200, body)
    return "unknown", _response(404, b"{}")


def _response(status: int, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status} {'OK' if status == 200 else 'Not Found'}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}{_END.decode()}".encode() + body


async def _serve(simulator: Simulator, tls: ssl.SSLContext | None = None) -> int:
    """Listening on this machine alone; the port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(simulator), "127.0.0.1", ssl=tls)
    port: int = server.sockets[0].getsockname()[1]
    return port


def _tls(authority: str) -> ssl.SSLContext:
    """A certificate for this machine, and, in a file, the authority that vouches for it."""
    made, context = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.issue_cert("127.0.0.1").configure_cert(context)
    made.cert_pem.write_to_path(authority)
    return context


async def _run(authority: str) -> None:
    ended, simulator = asyncio.Event(), Simulator()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    print(await _serve(simulator), await _serve(simulator, _tls(authority)), flush=True)
    await ended.wait()


if __name__ == "__main__":
    uvloop.run(_run(sys.argv[1]))
