"""A mistake of ours: the client gets a request id, the log gets the rest, and neither gets a key."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from structlog.testing import capture_logs

from providers import PROVIDERS
from providers.fastly.client import FastlySettings
from providers.sandbox import serve
from resolvers.accounts import AccountRegistry
from server.accounts import build_graph
from server.config.settings import ServerSettings
from server.http.endpoint import Endpoint
from server.operations.runner import OperationRunner

MASK = "Something went wrong here; it is logged under the request id."
LOGGED = """
import structlog
from server.process import logs

def ask(headers):
    raise ZeroDivisionError("beside the headers")

logs.configure()
try:
    ask({"Fastly-Key": "hidden".upper()})
except ZeroDivisionError:
    structlog.get_logger().exception("unexpected error", request_id="r1")
"""


class Broken:
    """A source with a mistake in it."""

    settings = FastlySettings(id="cdn", provider="fastly", api_key=SecretStr("secret"))

    @property
    def reference(self) -> str:
        raise ZeroDivisionError("division of secret by zero at 0x7f")


@asynccontextmanager
async def mistaken(schema: Any) -> AsyncIterator[httpx.AsyncClient]:
    roster = AccountRegistry(PROVIDERS.values(), [Broken()])  # type: ignore[list-item]
    endpoint = Endpoint(OperationRunner(schema, lambda: roster, ServerSettings(deadline=5)))

    async def answer(request: Request) -> Response:
        return await endpoint(request)

    app = Starlette(routes=[Route("/graphql", answer, methods=["POST"])])
    async with serve(app) as url, httpx.AsyncClient(base_url=url, trust_env=False) as client:
        yield client


async def test_a_mistake_of_ours_is_masked_and_logged_under_the_request_id() -> None:
    async with mistaken(build_graph()) as client:
        with capture_logs() as logs:
            response = await client.post("/graphql", json={"query": "{ accounts { id reference } }"})

    request_id = response.headers["x-request-id"]
    assert response.json() == {
        "errors": [
            {
                "message": MASK,
                "extensions": {"code": "INTERNAL", "requestId": request_id},
                "locations": [{"line": 1, "column": 17}],
                "path": ["accounts", 0, "reference"],
            }
        ],
        "data": {"accounts": [{"id": "fastly/cdn", "reference": None}]},
    }
    assert [(entry["request_id"], type(entry["exc_info"])) for entry in logs] == [(request_id, ZeroDivisionError)]


async def test_a_mistake_outside_of_any_field_is_masked_too() -> None:
    async with mistaken(None) as client:
        with capture_logs() as logs:
            response = await client.post("/graphql", json={"query": "{ accounts { id } }"})

    request_id = response.headers["x-request-id"]
    extensions = {"code": "INTERNAL", "requestId": request_id}
    assert (response.status_code, response.json()) == (500, {"errors": [{"message": MASK, "extensions": extensions}]})
    assert [entry["request_id"] for entry in logs] == [request_id]


def test_the_log_is_a_line_of_json_with_the_stack_but_none_of_its_variables() -> None:
    ended = subprocess.run([sys.executable, "-c", LOGGED], capture_output=True, text=True, check=True)

    line = json.loads(ended.stderr)
    assert ended.stdout == ""
    assert (line["event"], line["request_id"], line["level"]) == ("unexpected error", "r1", "error")
    assert (line["exception"][0]["exc_type"], line["exception"][0]["exc_value"]) == (
        "ZeroDivisionError",
        "beside the headers",
    )
    assert "HIDDEN" not in ended.stderr
