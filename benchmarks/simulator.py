"""All three providers in one process, faster than any server under measurement: each response is built only once.

`/PROVIDER/INVOICES/LINES/...` is a provider's API with that many invoices of that many lines each.
`/control` returns the calls since the last `/control?latency=SECONDS`, which sets the delay of each response.
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
    """The responses by request target, and the calls since the last reset."""

    def __init__(self) -> None:
        self._responses: dict[bytes, tuple[str, bytes]] = {}
        self.reset(0)

    def reset(self, latency: float) -> None:
        self.latency, self.in_flight, self.peak = latency, 0, 0
        self.calls: Counter[str] = Counter()

    def respond(self, target: bytes) -> bytes:
        """Return the response and count the call."""
        entry = self._responses.get(target)
        if entry is None:
            if target.startswith(b"/control"):
                return self._control(target)
            entry = self._responses[target] = _build_response(target)
        self.calls[entry[0]] += 1
        return entry[1]

    def _control(self, target: bytes) -> bytes:
        query = parse_qs(urlsplit(target.decode()).query)
        if "latency" in query:
            self.reset(float(query["latency"][0]))
        return _http_response(200, json.dumps({"calls": self.calls, "peak": self.peak}).encode())


class Connection(asyncio.Protocol):
    """A connection that reads only the target of a request: clients send GET requests without a body."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator, self._buffer = simulator, b""
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's transport is no subclass of it

    def data_received(self, data: bytes) -> None:
        *requests, self._buffer = (self._buffer + data).split(_END)
        for request in requests:
            target = request.split(b" ", 2)[1]
            response = self._simulator.respond(target)
            if self._simulator.latency and not target.startswith(b"/control"):
                self._write_later(response)
            else:
                self._transport.write(response)

    def _write_later(self, response: bytes) -> None:
        simulator = self._simulator
        simulator.in_flight += 1
        simulator.peak = max(simulator.peak, simulator.in_flight)
        self._loop.call_later(simulator.latency, self._write_delayed, response)

    def _write_delayed(self, response: bytes) -> None:
        self._simulator.in_flight -= 1
        if not self._transport.is_closing():
            self._transport.write(response)


def _build_response(target: bytes) -> tuple[str, bytes]:
    parts = urlsplit(target.decode())
    with suppress(LookupError, ValueError):
        provider, invoices, lines, *path = parts.path.strip("/").split("/")
        resource, body = wire.respond(provider, int(invoices), int(lines), path, parts.query)
        return resource, _http_response(200, body)
    return "unknown", _http_response(404, b"{}")


def _http_response(status: int, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status} {'OK' if status == 200 else 'Not Found'}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}{_END.decode()}".encode() + body


async def _serve(simulator: Simulator, tls: ssl.SSLContext | None = None) -> int:
    """Listen on 127.0.0.1 and return the port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(simulator), "127.0.0.1", ssl=tls)
    port: int = server.sockets[0].getsockname()[1]
    return port


def _tls(authority: str) -> ssl.SSLContext:
    """Create a certificate for 127.0.0.1. Its certificate authority is written to the file `authority`."""
    ca, context = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    ca.cert_pem.write_to_path(authority)
    return context


async def _run(authority: str) -> None:
    stop_requested, simulator = asyncio.Event(), Simulator()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signal_number, stop_requested.set)
    print(await _serve(simulator), await _serve(simulator, _tls(authority)), flush=True)
    await stop_requested.wait()


if __name__ == "__main__":
    uvloop.run(_run(sys.argv[1]))
