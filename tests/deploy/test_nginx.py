"""nginx, configured by deploy/proxies/nginx.conf, in front of the service: TLS, streams and WebSockets."""

import asyncio
import re
import shutil
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import trustme
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.server.command import start_command

from .rendered import DEPLOY

NAME = "invoices.example.com"
NGINX = shutil.which("nginx")
MULTIPART = "multipart/mixed;incrementalSpec=v0.2, application/json"
TEMPORARY = "".join(f"{name}_temp_path {{0}}/{name}; " for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
MAIN = "daemon off; pid {0}/pid; error_log {0}/errors; events {{}} http {{ access_log off; %s include {0}/site; }}"

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not on the PATH")


@asynccontextmanager
async def nginx(folder: Path, upstream: str, certificates: str) -> AsyncIterator[int]:
    """Run nginx with the recipe, changed in its addresses and paths only. Yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    site = (DEPLOY / "proxies/nginx.conf").read_text().replace("server invoicegraph:8000", f"server {upstream}")
    site = site.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
    (folder / "site").write_text(re.sub(r"/etc/nginx/tls/\w+\.pem", certificates, site))
    (folder / "main").write_text((MAIN % TEMPORARY).format(folder))
    process = await asyncio.create_subprocess_exec(str(NGINX), "-c", str(folder / "main"))
    try:
        async with asyncio.timeout(20):
            while not await _accepts(port):  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.05)
        yield port
    finally:
        process.terminate()
        await process.wait()


async def _accepts(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def test_queries_streams_and_sockets_pass(tmp_path: Path) -> None:
    authority, trusted = trustme.CA(), ssl.create_default_context()
    authority.configure_trust(trusted)
    certificate = authority.issue_cert(NAME, "127.0.0.1").private_key_and_cert_chain_pem
    certificate.write_to_path(str(tmp_path / "tls.pem"))
    allowed = {"INVOICEGRAPH_SERVER__ALLOWED_HOSTS": NAME}
    async with (
        start_command("serve", "--sandbox", "--port", "0", **allowed) as service,
        nginx(tmp_path, service.url.removeprefix("http://"), str(tmp_path / "tls.pem")) as port,
        httpx.AsyncClient(verify=trusted, trust_env=False, timeout=30, headers={"Host": NAME}) as client,
        connect(
            f"wss://{NAME}:{port}/graphql",
            host="127.0.0.1",
            port=port,
            ssl=trusted,
            subprotocols=[Subprotocol("graphql-transport-ws")],
            additional_headers={"Origin": f"https://{NAME}:{port}"},
            proxy=None,
        ) as session,
    ):
        url = f"https://127.0.0.1:{port}/graphql"
        answer = await client.post(url, json={"query": "{ __typename }"})
        deferred = {"query": "{ __typename ... @defer { providers { id } } }"}
        stream = await client.post(url, json=deferred, headers={"Accept": MULTIPART})
        await session.send('{"type": "connection_init"}')
        acknowledgement = await session.recv()

    assert answer.json()["data"] == {"__typename": "Query"}
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])  # nginx's own, for both logs
    assert stream.headers["content-type"].startswith("multipart/mixed")
    assert stream.text.count("Content-Type: application/json") == 2
    assert acknowledgement == '{"type":"connection_ack"}'
