"""An offer to switch to HTTP/2 (`Upgrade: h2c`) is ignored: the request gets one response, over HTTP/1.1."""

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.server.command import start_command
from tests.server.http.test_protocol import parse_error

QUERY = b'{"query": "{ __typename }"}'
ANSWER = b'{"data":{"__typename":"Query"}}'
OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
HEAD = b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + OFFER
SIZED = HEAD + b"Content-Length: %d\r\n\r\n" % len(QUERY)
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
CHUNKS = b"%x\r\n%b\r\n0\r\n\r\n" % (len(QUERY), QUERY)
OK = b'{"status":"ok"}'
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
JAVA = Path(__file__).parent / "PostByHttpClient.java"


GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + OFFER + b"\r\n"
REQUESTS: dict[str, tuple[list[bytes], list[bytes]]] = {  # by name: the packets, and the expected bodies
    "head and body together": ([SIZED + QUERY], [ANSWER]),
    "late body": ([SIZED, QUERY], [ANSWER]),
    "split anywhere": ([SIZED[:90], SIZED[90:] + QUERY[:5], QUERY[5:]], [ANSWER]),
    "chunked body": ([CHUNKED, CHUNKS], [ANSWER]),
    "two at once": ([SIZED + QUERY + SIZED + QUERY], [ANSWER, ANSWER]),
    "no body": ([GET, SIZED + QUERY], [OK, ANSWER]),
}


async def send(url: str, *parts: bytes) -> bytes:
    """Send the parts in packets of their own, then a request that closes the connection. Returns all responses."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    for part in (*parts, HEALTH):
        writer.write(part)
        await asyncio.sleep(0.05)  # keeps the parts in packets of their own
    async with asyncio.timeout(20):
        received = await reader.read()
    writer.close()
    return received


def bodies(responses: bytes) -> list[bytes]:
    """Return the body of each response. Every response has the status 200."""
    parts = responses.split(b"HTTP/1.1 200 OK\r\n")
    assert parts[0] == b""
    return [part.partition(b"\r\n\r\n")[2] for part in parts[1:]]


async def run(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(60):
        out, _ = await process.communicate()
    return out.decode()


async def test_each_query_with_an_offer_gets_one_response() -> None:
    async with start_command("serve", "--sandbox", "--port", "0") as service:
        received = {name: await send(service.url, *packets) for name, (packets, _) in REQUESTS.items()}

    assert {name: bodies(responses) for name, responses in received.items()} == {
        name: [*expected, OK] for name, (_, expected) in REQUESTS.items()
    }


async def test_connect_is_rejected() -> None:
    async with start_command("serve", "--sandbox", "--port", "0") as service:
        received = await send(service.url, b"CONNECT a:80 HTTP/1.1\r\nHost: localhost\r\n\r\n")

    message = "This service is no proxy. Send GraphQL requests to /graphql by GET or POST."
    assert parse_error(received) == (405, message, "BAD_USER_INPUT")


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_curl_with_http2_gets_its_response() -> None:
    async with start_command("serve", "--sandbox", "--port", "0") as service:
        options = ["-s", "--http2", "--noproxy", "*", "-H", "Content-Type: application/json", "-d", QUERY.decode()]
        response = await run("curl", *options, f"{service.url}/graphql")

    assert response == ANSWER.decode()


@pytest.mark.skipif(shutil.which("java") is None, reason="java is not installed")
async def test_the_http_client_of_the_jdk_gets_its_response() -> None:
    async with start_command("serve", "--sandbox", "--port", "0") as service:
        response = await run("java", str(JAVA), f"{service.url}/graphql", QUERY.decode())

    assert response == f"200 {ANSWER.decode()}\n"
