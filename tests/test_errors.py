"""docs/errors.md lists every code that an error can have, and an error has one on every path."""

import re
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

import execution.errors
import providers
import resolvers
import schema.coverage
import server
from execution.errors import ErrorCode
from schema.coverage import FailureCode
from server.http.app import create_app
from tests.harness import Service

DOCUMENTED = Path(__file__).parents[1] / "docs/errors.md"
CODES = {*ErrorCode.__members__, *FailureCode.__members__}
PACKAGES = (execution, schema, providers, resolvers, server)
SOURCES = [file for package in PACKAGES for file in Path(package.__path__[0]).rglob("*.py")]
ENUMS = {Path(str(module.__file__)) for module in (execution.errors, schema.coverage)}


def test_the_document_lists_each_code_once_with_its_meaning_and_what_to_do() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \|$", DOCUMENTED.read_text(), re.MULTILINE)

    assert sorted(code for code, _, _ in rows) == sorted(CODES)


def test_codes_are_named_in_one_place() -> None:
    elsewhere = [file for file in SOURCES if file not in ENUMS]
    named = [(file.name, code) for file in elsewhere for code in CODES if f'"{code}"' in file.read_text()]

    assert len(elsewhere) > 140
    assert named == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/graphql/", 404),
        ("GET", "/graphiql/nothing", 404),
        ("PUT", "/graphql", 405),
        ("DELETE", "/healthz", 405),
        ("POST", "/readyz", 405),
        ("POST", "/graphiql/assets/app.js", 405),
        ("GET", "/graphql", 400),
        ("GET", "/graphql?query=mutation{a}", 405),
        ("POST", "/graphql", 415),
    ],
)
async def test_what_is_no_operation_has_a_coded_error(service: Service, method: str, path: str, status: int) -> None:
    response = await service.client.request(method, path)

    assert response.status_code == status
    assert [error["extensions"] for error in response.json()["errors"]] == [{"code": "BAD_USER_INPUT"}]


async def test_a_mistake_outside_of_any_operation_is_masked() -> None:
    app = create_app()
    app.state.store = object()
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://graph") as client:
        with capture_logs():
            response = await client.get("/readyz")

    [error] = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"]) == (500, "INTERNAL")
    assert error["message"] == "Something went wrong here; it is logged under the request id."
