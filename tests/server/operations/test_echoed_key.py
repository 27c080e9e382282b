"""A provider that echoes the API key: no response of the service contains it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from providers.fastly.client import FastlySettings
from providers.sandbox import serve
from providers.settings import AccountSettings
from server.http.app import create_app

QUERY = "{ invoices { nodes { number raw } coverage { status code message } } }"


async def response_to_echo(key: str, echo: str) -> tuple[str, Any]:
    """Return the text and the first invoice of a service whose provider sends `echo` in its list."""

    async def provider(scope: Scope, receive: Receive, send: Send) -> None:
        assert Request(scope).headers["fastly-key"] == key
        row = '{"invoice_id": "A", "billing_start_date": "2026-01-01", "billing_end_date": "2026-01-31", '
        row += f'"statement_number": "{echo}", "number": 1.50}}'
        await Response(f'{{"data": [{row}]}}')(scope, receive, send)

    @asynccontextmanager
    async def accounts() -> AsyncIterator[list[AccountSettings]]:
        async with serve(provider) as url:
            account = {"id": "cdn", "provider": "fastly", "base_url": url, "api_key": SecretStr(key)}
            yield [FastlySettings.model_validate(account)]

    app = create_app(accounts)
    async with (
        app.router.lifespan_context(app),
        serve(app) as url,
        httpx.AsyncClient(trust_env=False, timeout=30) as client,
    ):
        response = await client.post(f"{url}/graphql", json={"query": QUERY})
    return response.text, response.json()["data"]["invoices"]["nodes"][0]


@pytest.mark.parametrize("key", ["sk-live-4f7a9d0e2b1c", 'sk/live+4f7a9d"0e\\2b1c=='])
@pytest.mark.parametrize(
    "spelling",
    [
        lambda key: json.dumps(key)[1:-1],
        lambda key: json.dumps(key)[1:-1].replace("/", "\\/"),
        lambda key: quote(key, safe=""),
    ],
    ids=["JSON", "escaped slashes", "percent-encoded"],
)
async def test_an_echoed_key_is_redacted(key: str, spelling: Any) -> None:
    text, invoice = await response_to_echo(key, f"key {spelling(key)}.")

    assert "4f7a9d" not in text
    assert invoice["number"] == "key [redacted]."
    assert (invoice["raw"]["statement_number"], invoice["raw"]["number"]) == ("key [redacted].", "1.50")


@pytest.mark.parametrize("key", ["short", "1234567890"])
async def test_a_key_that_may_be_a_usual_value_is_left_in_the_body(key: str) -> None:
    _, invoice = await response_to_echo(key, f"INV-{key}")

    assert invoice["number"] == f"INV-{key}"
