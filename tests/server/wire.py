"""Helpers that send a request body as bytes and read the errors of a response."""

import httpx

from tests.harness import Service

JSON = {"Content-Type": "application/json"}


def error_codes_and_messages(response: httpx.Response) -> list[tuple[str, str]]:
    """Return the code and the message of each error in a JSON response."""
    assert response.headers["content-type"] == "application/json"
    return [(error["extensions"]["code"], error["message"]) for error in response.json()["errors"]]


async def post_bytes(service: Service, body: bytes | str, **headers: str) -> httpx.Response:
    return await service.client.post("/graphql", content=body, headers=JSON | headers)
