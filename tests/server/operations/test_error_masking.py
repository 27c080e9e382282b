"""Internal errors: the client gets a request id, the log gets the stack, and neither gets an API key."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from pydantic import SecretStr
from starlette.applications import Starlette
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
from tests.uncached import uncached

MASK = "An internal error occurred and was logged under the request id. Report it with that id."
LOGGING_PROGRAM = """
import structlog
from server.process import logs

def send(headers):
    raise ZeroDivisionError("beside the headers")

logs.configure()
try:
    send({"Fastly-Key": "hidden".upper()})
except ZeroDivisionError:
    structlog.get_logger().exception("An unexpected error occurred.", request_id="r1")
"""


class BrokenSource:
    """A source with a bug: an attribute raises."""

    settings = FastlySettings(id="cdn", provider="fastly", api_key=SecretStr("secret"))
    volatile_keys = frozenset[str]()

    @property
    def reference(self) -> str:
        raise ZeroDivisionError("division of secret by zero at 0x7f")


@asynccontextmanager
async def client_of(schema: Any) -> AsyncIterator[httpx.AsyncClient]:
    accounts = AccountRegistry(PROVIDERS.values(), [uncached(BrokenSource())])
    endpoint = Endpoint(OperationRunner(schema, lambda: accounts, ServerSettings(deadline=5)))

    app = Starlette(routes=[Route("/graphql", endpoint, methods=["POST"])])
    async with serve(app) as url, httpx.AsyncClient(base_url=url, trust_env=False) as client:
        yield client


async def test_a_bug_in_a_field_is_masked_and_logged() -> None:
    async with client_of(build_graph()) as client:
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


async def test_a_bug_outside_of_fields_is_masked_and_logged() -> None:
    async with client_of(None) as client:
        with capture_logs() as logs:
            response = await client.post("/graphql", json={"query": "{ accounts { id } }"})

    request_id = response.headers["x-request-id"]
    extensions = {"code": "INTERNAL", "requestId": request_id}
    assert (response.status_code, response.json()) == (500, {"errors": [{"message": MASK, "extensions": extensions}]})
    assert [entry["request_id"] for entry in logs] == [request_id]


def test_the_logged_stack_has_no_variables() -> None:
    process = subprocess.run([sys.executable, "-c", LOGGING_PROGRAM], capture_output=True, text=True, check=True)

    line = json.loads(process.stderr)
    assert process.stdout == ""
    assert (line["event"], line["request_id"], line["level"]) == ("An unexpected error occurred.", "r1", "error")
    assert (line["exception"][0]["exc_type"], line["exception"][0]["exc_value"]) == (
        "ZeroDivisionError",
        "beside the headers",
    )
    assert "HIDDEN" not in process.stderr
