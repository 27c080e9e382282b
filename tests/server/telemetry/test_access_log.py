"""The access log has a line for each HTTP request, if it is enabled, and names no secret of a client."""

from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from server.http.access_log import EVENT
from tests.harness import Service, running_service, sandbox_of

QUERY = "{ providers { id } }"
Lines = list[MutableMapping[str, Any]]


@pytest.fixture
def log() -> Iterator[Lines]:
    with capture_logs() as lines:
        yield lines


def access_lines(log: Lines) -> Lines:
    return [line for line in log if line["event"] == EVENT]


async def test_a_request_has_a_line(log: Lines) -> None:
    async with running_service(sandbox_of("archera"), access_log=True) as service:
        response = await service.post({"query": QUERY}, **{"X-Request-Id": "r-1"})

    [line] = access_lines(log)
    assert line.pop("duration_ms") >= 0
    assert line == {
        "event": EVENT, "log_level": "info", "method": "POST", "path": "/graphql", "status": 200,
        "bytes": len(response.content), "peer": "127.0.0.1", "request_id": "r-1",
    }  # fmt: skip


async def test_an_unknown_path_is_not_named(log: Lines) -> None:
    async with running_service(sandbox_of("archera"), access_log=True) as service:
        for path in ("/secret-of-a-client", "/graphiql/x.js", "/console/x.js", "/", "/healthz"):
            await service.client.get(path, params={"token": "secret-of-a-client"})

    assert [(line["path"], line["status"]) for line in access_lines(log)] == [
        (None, 404),
        ("/graphiql", 404),
        ("/console", 404),
        ("/", 200),
        ("/healthz", 200),
    ]
    assert "secret-of-a-client" not in str(access_lines(log))


async def test_the_lines_are_off_by_default(service: Service, log: Lines) -> None:
    await service.post({"query": QUERY})

    assert access_lines(log) == []
