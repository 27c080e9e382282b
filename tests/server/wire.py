"""What tests send as bytes, and read of the errors in an answer."""

import httpx

from tests.harness import Service

JSON = {"Content-Type": "application/json"}


def errors(response: httpx.Response) -> list[tuple[str, str]]:
    """The code and the message of each error in an answer that is JSON."""
    assert response.headers["content-type"] == "application/json"
    return [(error["extensions"]["code"], error["message"]) for error in response.json()["errors"]]


async def send(service: Service, body: bytes | str, **headers: str) -> httpx.Response:
    return await service.client.post("/graphql", content=body, headers=JSON | headers)
