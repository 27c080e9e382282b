"""An HTTP client of one sandbox on a loopback port, and its responses with exact numbers."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import httpx

from providers.sandbox import SandboxApi, serve

Get = Callable[[str], Awaitable[httpx.Response]]


@asynccontextmanager
async def open_client(sandbox: SandboxApi, *, header: str, key: str) -> AsyncIterator[Get]:
    """Serve the sandbox, and yield a function that sends a GET with the key in that header."""
    async with (
        serve(sandbox) as url,
        httpx.AsyncClient(verify=False, base_url=url, headers={header: key}) as client,
    ):
        yield client.get


def decode_exactly(response: httpx.Response) -> Any:
    return json.loads(response.content, parse_float=Decimal, parse_int=Decimal)
