"""Many clients that ask at once, in a process of their own, so that only the service is kept busy by them.

python -m tests.server.crowd URL < a JSON list of documents; prints a JSON list of [status, seconds, answer].
"""

import asyncio
import json
import sys
import time
from typing import Any

import httpx

Heard = tuple[int, float, dict[str, Any]]


async def ask_at_once(url: str, documents: list[str]) -> list[Heard]:
    """What each of them heard, in a process of their own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.server.crowd", url, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate(json.dumps(documents).encode())
    assert process.returncode == 0
    return [(status, seconds, answer) for status, seconds, answer in json.loads(out)]


async def _ask(client: httpx.AsyncClient, document: str) -> Heard:
    start = time.monotonic()
    response = await client.post("/graphql", json={"query": document})
    return response.status_code, time.monotonic() - start, response.json()


async def _main() -> list[Heard]:
    documents = json.load(sys.stdin)
    limits = httpx.Limits(max_connections=len(documents))
    async with httpx.AsyncClient(base_url=sys.argv[1], trust_env=False, timeout=60, limits=limits) as client:
        return await asyncio.gather(*(_ask(client, document) for document in documents))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(_main())))
