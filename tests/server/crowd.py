"""Many concurrent clients in their own process, so that they load only the service, not the test.

python -m tests.server.crowd URL < a JSON list of documents; prints a JSON list of [status, seconds, payload].
"""

import asyncio
import json
import sys
import time
from typing import Any

import httpx

TimedResponse = tuple[int, float, dict[str, Any]]  # status, seconds, payload


async def post_concurrently(url: str, documents: list[str]) -> list[TimedResponse]:
    """Post all documents at once, each on its own connection. Returns the responses in order."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.server.crowd", url, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate(json.dumps(documents).encode())
    assert process.returncode == 0
    return [(status, seconds, payload) for status, seconds, payload in json.loads(out)]


async def _post(client: httpx.AsyncClient, document: str) -> TimedResponse:
    start = time.monotonic()
    response = await client.post("/graphql", json={"query": document})
    return response.status_code, time.monotonic() - start, response.json()


async def _main() -> list[TimedResponse]:
    documents = json.load(sys.stdin)
    limits = httpx.Limits(max_connections=len(documents))
    async with httpx.AsyncClient(base_url=sys.argv[1], trust_env=False, timeout=60, limits=limits) as client:
        return await asyncio.gather(*(_post(client, document) for document in documents))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(_main())))
