"""Credentials in the trailers of a chunked request do not count. The command serves: its protocol drops trailers."""

import asyncio
from pathlib import Path

import httpx
import pytest

from server.access.keys import create_key, hash_key
from tests.server.command import start_command, write_config

KEY, SECRET, GROUPS, NAME = create_key(), "a-secret-of-the-gateway", "x-forwarded-groups", "x-forwarded-user"
CREDENTIALS = {"Authorization": f"Bearer {KEY}", "X-Gateway-Secret": SECRET, GROUPS: f"finance\r\n{NAME}: ada"}
GRANTS = 'accounts = ["*"]'
METHODS = {
    "Authorization": f'[[access.keys]]\nname = "finance"\nhash = "{hash_key(KEY.encode())}"\n{GRANTS}\n',
    "X-Gateway-Secret": f'[access.gateway]\nsecret = {{ env = "SECRET" }}\neveryone = {{ {GRANTS} }}\n',
    GROUPS: (
        f'[access.gateway]\naddresses = ["127.0.0.1"]\nname_header = "{NAME}"\ngroups_header = "{GROUPS}"\n'
        f"grants = {{ finance = {{ {GRANTS} }} }}\n"
    ),
}
BODY = b'{"query": "{ accounts { id } }"}'


@pytest.mark.parametrize("name", METHODS)
async def test_a_credential_in_a_trailer_does_not_count(name: str, tmp_path: Path) -> None:
    config = write_config(tmp_path, [("http://127.0.0.1:1", "provider-key")], METHODS[name])
    field = f"{name}: {CREDENTIALS[name]}\r\n"
    async with start_command("serve", "--port", "0", "--config", config, SECRET=SECRET) as service:
        in_trailer = await _post(service.url, trailers=field)
        in_header = await _post(service.url, headers=field)

    assert (in_trailer, in_header) == (b"HTTP/1.1 401 Unauthorized\r\n", b"HTTP/1.1 200 OK\r\n")


async def _post(url: str, headers: str = "", trailers: str = "") -> bytes:
    """Send a chunked request in one write. Returns the status line of the response."""
    reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(url).port)
    head = "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" + headers
    writer.write(f"{head}Transfer-Encoding: chunked\r\n\r\n{len(BODY):x}\r\n".encode() + BODY)
    writer.write(f"\r\n0\r\n{trailers}\r\n".encode())
    async with asyncio.timeout(20):
        line = await reader.readline()
    writer.close()
    return line
