"""HTTP/1.1 over a plain socket, so that a client can break every rule of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

import orjson

TIMEOUT = 15.0  # seconds for one response
JSON = {"Content-Type": "application/json"}


class Response(NamedTuple):
    """A response, or status 0 if the service closed the connection without one."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def is_failure(self) -> bool:
        """Whether the service failed. It may refuse with 503, with a code and the time of a retry."""
        if self.status < 500:
            return False
        return not (self.status == 503 and "retry-after" in self.headers and b'"UNAVAILABLE"' in self.body)


class Connection:
    """An open connection to the service."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def response(self) -> Response:
        """Read a response with Content-Length. Raises TimeoutError."""
        async with asyncio.timeout(TIMEOUT):
            try:
                head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.split("\r\n")
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
                body = await self.reader.readexactly(int(headers.get("content-length", "0")))
            except (asyncio.IncompleteReadError, ConnectionError):
                return Response(0, {}, b"")
        return Response(int(first.split()[1]), headers, body)


class Target:
    """The address of the service."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Connection]:
        """Open a connection, and abort it at the end: no byte waits for it any more."""
        reader, writer = await asyncio.open_connection(self.host, self.port, limit=2**20)
        try:
            yield Connection(reader, writer)
        finally:
            writer.transport.abort()

    async def post(self, body: object, **headers: str) -> Response:
        """Send a GraphQL request over a connection of its own."""
        async with self.connect() as connection:
            await connection.send(request("POST", "/graphql", orjson.dumps(body), **JSON | headers))
            return await connection.response()

    async def query(self, document: str, **variables: object) -> Response:
        return await self.post({"query": document, "variables": variables})


def request(method: str, path: str, body: bytes = b"", /, **headers: str | None) -> bytes:
    """Return the bytes of a request. An underscore in the name of a header stands for a hyphen; None omits it."""
    fields: dict[str, str | None] = {"Host": "127.0.0.1", "Content-Length": str(len(body))}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items() if value is not None)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
