"""docs/errors.md lists every error code, and the errors of every URL path have one."""

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
from server.accounts import serve_sandbox_accounts
from server.http.app import create_app
from tests.harness import PREFLIGHT, Service

DOCUMENTED = Path(__file__).parents[1] / "docs/errors.md"
CODES = {*ErrorCode.__members__, *FailureCode.__members__}
PACKAGES = (execution, schema, providers, resolvers, server)
SOURCES = [file for package in PACKAGES for file in Path(package.__path__[0]).rglob("*.py")]
ENUMS = {Path(str(module.__file__)) for module in (execution.errors, schema.coverage)}


def test_the_documentation_lists_each_code_once() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \|$", DOCUMENTED.read_text(), re.MULTILINE)

    assert sorted(code for code, _, _ in rows) == sorted(CODES)


def test_only_the_enums_spell_the_codes() -> None:
    other_sources = [file for file in SOURCES if file not in ENUMS]
    spelled_codes = [(file.name, code) for file in other_sources for code in CODES if f'"{code}"' in file.read_text()]

    assert len(other_sources) > 140
    assert spelled_codes == []


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
async def test_a_request_without_operation_has_a_coded_error(
    service: Service, method: str, path: str, status: int
) -> None:
    response = await service.client.request(method, path, headers=PREFLIGHT)

    assert response.status_code == status
    assert [error["extensions"] for error in response.json()["errors"]] == [{"code": "BAD_USER_INPUT"}]


async def test_a_bug_outside_of_operations_is_masked() -> None:
    app = create_app(serve_sandbox_accounts)
    app.state.store = object()  # type: ignore[assignment]
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        with capture_logs():
            response = await client.get("/readyz")

    [error] = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"]) == (500, "INTERNAL")
    assert error["message"] == (
        "An internal error occurred and was logged under the request id. Report it with that id."
    )
