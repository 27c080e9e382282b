"""A secret in every place that the service reads appears in nothing that it writes."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest
from redis.asyncio import Redis
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.redis_server import RedisServer, needs_own_redis
from tests.server.command import ServiceProcess, run_command, start_command
from tests.server.planted import Planted

from .leaky_provider import MODES, LeakyProvider, leaky_proxy
from .test_supervisor import FOURTH_PROVIDER, write_package

QUERY = """query ($env: ID!, $file: ID!) {
  invoices { nodes { id number raw } coverage { status code message } }
  accounts { reference health { status } }
  env: invoice(id: $env) { number }
  file: invoice(id: $file) { number }
}"""
DETAILED = {"PYTHONASYNCIODEBUG": "1", "PYTHONDEVMODE": "1", "RUST_LOG": "trace", "NO_PROXY": "", "no_proxy": ""}
CONFIGURATION = """
[server]
deadline = 3

[cache]
url = {{ env = "REDIS_URL" }}

[[accounts]]
id = "env"
provider = "fastly"
base_url = "{url}"
api_key = {{ env = "KEY" }}
{settings}

[[accounts]]
id = "file"
provider = "fastly"
base_url = "{url}"
api_key = {{ file = "{key_file}" }}
{settings}

[[accounts]]
id = "proxy"
provider = "fastly"
base_url = "https://far.invalid"
api_key = {{ env = "KEY" }}
{settings}
"""
SETTINGS = (
    "attempts = 1\nfreshness = { settled = 1, list = 1, invoice = 1, month_to_date = 1, absent = 1, stale_for = 5 }"
)
BUGS = """
from nimbus_invoices import PROVIDER
from providers.fastly.client import Fastly
from resolvers.request import RequestContext

async def fail_in_the_provider(self, *_):
    key = self.settings.api_key.get_secret_value()
    raise RuntimeError("a bug")

async def fail_in_a_resolver(self, *_):
    keys = [account.source.settings.api_key.get_secret_value() for account in self._registry.select(None)]
    raise RuntimeError("another bug")

Fastly._month_to_date = fail_in_the_provider
RequestContext.discrepancies = fail_in_a_resolver
"""


class Run:
    """A configuration with secrets, and everything that was written."""

    def __init__(self, folder: Path, provider: LeakyProvider, redis: RedisServer, proxy_port: int) -> None:
        self.planted, self.provider, self.redis, self.texts = Planted(), provider, redis, list[bytes | str]()
        self._numbers = count()
        self._key_file, self.config = folder / "key", folder / "invoicegraph.toml"
        self.write_key("key file")
        self.config.write_text(
            CONFIGURATION.format(url=provider.url, key_file=self._key_file, settings=SETTINGS), encoding="utf-8"
        )
        password, proxy_password = (quote(self.planted.secret(place), safe="") for place in ("Redis", "proxy"))
        self.variables = DETAILED | {
            "KEY": self.planted.secret("key variable"),
            "REDIS_URL": f"redis://:{password}@127.0.0.1:{redis.port}/0",
            "HTTPS_PROXY": f"http://user:{proxy_password}@127.0.0.1:{proxy_port}",
            "https_proxy": "",
            "PYTHONPATH": os.pathsep.join([str(folder), str(FOURTH_PROVIDER)]),
        }
        write_package(folder, "nimbus_with_bugs", BUGS)

    def write_key(self, place: str) -> None:
        temporary = self._key_file.with_suffix(".new")
        temporary.write_text(self.planted.secret(place))
        temporary.chmod(0o400)
        temporary.replace(self._key_file)

    def operation(self) -> dict[str, Any]:
        """Return an operation with invoices that nothing asked for before, so that no cache has them."""
        number = next(self._numbers)
        return {"query": QUERY, "variables": {name: f"fastly/{name}/invoice/{number}" for name in ("env", "file")}}

    def record(self, response: httpx.Response) -> httpx.Response:
        self.texts += [response.content, repr(response.headers.raw)]
        return response

    async def record_redis(self) -> str:
        """Record all keys and values in Redis, and return them."""
        client = Redis(port=self.redis.port, password=self.planted.secret("Redis"))
        keys = [key async for key in client.scan_iter()]
        contents = [repr([key, await _read(client, key)]) for key in keys]
        await client.aclose()
        self.texts += contents
        return "".join(contents)


async def _read(client: Redis, key: bytes) -> Any:
    kind = await client.type(key)
    if kind == b"hash":
        return await client.hgetall(key)
    return await (client.zrange(key, 0, -1) if kind == b"zset" else client.get(key))


@pytest.fixture
async def run(tmp_path: Path, redis: RedisServer) -> AsyncIterator[Run]:
    async with LeakyProvider().running() as provider, leaky_proxy() as (port, credentials):
        run = Run(tmp_path, provider, redis, port)
        client = Redis(port=redis.port)
        await client.config_set("requirepass", run.planted.secret("Redis"))
        await client.aclose()
        yield run
        assert credentials, "the proxy was not used"


@needs_own_redis
async def test_no_planted_secret_is_written(run: Run) -> None:
    for mode in ("list", "401"):
        run.provider.mode = mode
        run.texts += map(str, await run_command("check", "--config", str(run.config), **run.variables))
    async with start_command("serve", "--port", "0", "--config", str(run.config), **run.variables) as service:
        assert service.process.stdout
        assert service.process.stderr
        output = asyncio.gather(service.process.stdout.read(), service.process.stderr.read())  # else the pipes fill up
        async with httpx.AsyncClient(base_url=service.url, trust_env=False, timeout=20) as client:
            for mode in MODES:
                for run.provider.mode in (mode, "list"):  # a success keeps the circuit breaker closed
                    await _query(run, client)
            await _meet_bugs(run, client)
            await _misuse_headers(run, client)
            await _send_broken_requests(run, service)
            await _rotate_key(run, client, service)
            await _query(run, client)
            assert "[redacted]" in await run.record_redis()
            await run.redis.stop()
            await _query(run, client)
            run.record(await client.get("/readyz"))
        service.process.send_signal(signal.SIGTERM)
        out, err = await output
    run.texts += [out, err]

    assert all(
        f'"code": "{code}"'.encode() in err for code in ("UNAUTHORIZED", "FORBIDDEN", "RATE_LIMITED", "UNAVAILABLE")
    )
    assert b"unreachable" in err
    assert b"a bug" in err
    assert b"another bug" in err
    assert run.provider.keys == {run.planted.secret(place) for place in ("key variable", "key file", "new key")}
    assert run.planted.found(*run.texts) == set()


async def _query(run: Run, client: httpx.AsyncClient) -> None:
    response = run.record(await client.post("/graphql", json=run.operation()))
    assert len(response.json()["data"]["invoices"]["coverage"]) == 3


async def _meet_bugs(run: Run, client: httpx.AsyncClient) -> None:
    """Query what fails by a bug, while the keys are local variables of the functions on the stack."""
    response = run.record(
        await client.post("/graphql", json={"query": "{ discrepancies { nodes { account { id } } } }"})
    )
    assert [error["extensions"]["code"] for error in response.json()["errors"]] == ["INTERNAL"]
    response = run.record(await client.post("/graphql", json={"query": "{ monthToDate { coverage { code } } }"}))
    assert "UNINTELLIGIBLE" in response.text


async def _misuse_headers(run: Run, client: httpx.AsyncClient) -> None:
    """Send a secret in each header that clients put one in, and in the address."""
    token = run.planted.secret("client")
    names = ("Authorization", "Cookie", "Proxy-Authorization", "X-Api-Key", "X-Request-Id", "Accept", "If-None-Match")
    for name in (*names, "Content-Type", "Content-Encoding", "Origin", "Host", "GraphQL-Cost"):
        run.record(await client.post("/graphql", json=run.operation(), headers={name: token}))
    run.record(await client.get("/graphql", params={"access_token": token, "query": "{ accounts { id } }"}))
    run.record(await client.get(f"/{quote(token)}"))


async def _send_broken_requests(run: Run, service: ServiceProcess) -> None:
    """Send bytes that are no HTTP, a WebSocket that is refused, and one that breaks its protocol."""
    token, address = run.planted.secret("client"), urlsplit(service.url)
    for head in (
        f"{token}\r\n\r\n",
        f"GET / HTTP/1.1\r\n{token}\r\n\r\n",
        f"GET /graphql HTTP/1.1\r\nUpgrade: {token}\r\n\r\n",
    ):
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(head.encode() + b"X" * 100 + b"\r\n\r\n")
        with suppress(TimeoutError):
            async with asyncio.timeout(2):
                run.texts.append(await reader.read())
        writer.close()
    url, protocols = f"ws://{address.netloc}/graphql", [Subprotocol("graphql-transport-ws")]
    async with connect(url, subprotocols=protocols, additional_headers={"Authorization": token}, proxy=None) as socket:
        await socket.send(json.dumps({"type": "connection_init", "payload": {"Authorization": token}}))
        run.texts.append(await socket.recv())
        await socket.send(json.dumps({"type": token}))
        await socket.wait_closed()
        run.texts.append(str(socket.close_reason))


async def _rotate_key(run: Run, client: httpx.AsyncClient, service: ServiceProcess) -> None:
    """Replace the key in its file, reload, and wait until it is used."""
    run.write_key("new key")
    service.process.send_signal(signal.SIGHUP)
    async with asyncio.timeout(20):
        while run.planted.secret("new key") not in run.provider.keys:
            await _query(run, client)
