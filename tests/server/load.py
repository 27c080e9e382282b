"""Clients that send requests without pause and record every failure."""

import asyncio
from collections.abc import Callable

import httpx

LIST = "{ invoices(first: 1) { nodes { id } coverage { account { id } status code } } }"
KEEP_ALIVE_CLIENTS, NEW_CONNECTION_CLIENTS = 4, 4  # the latter open a connection for each request


class Load:
    """Load on a service while entered, or until the service accepts no more connections."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._changed = asyncio.Event()
        self._clients: list[asyncio.Task[None]] = []
        self.response_count = 0
        self.draining_response_count = 0  # responses with `Connection: close`
        self.coverage: list[tuple[str, str]] = []  # account id and status, of the last response
        self.failures: list[str] = []

    async def __aenter__(self) -> "Load":
        keep_alive, new_connection = httpx.Limits(), httpx.Limits(max_keepalive_connections=0)
        client_limits = [keep_alive] * KEEP_ALIVE_CLIENTS + [new_connection] * NEW_CONNECTION_CLIENTS
        self._clients = [asyncio.create_task(self._send_requests(limits)) for limits in client_limits]
        return self

    async def __aexit__(self, *_: object) -> None:
        for client in self._clients:
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)

    async def wait_for_responses(self, count: int) -> None:
        """Wait for `count` more responses."""
        total = self.response_count + count
        await self.wait_until(lambda: self.response_count >= total)

    async def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait until the condition holds after a response, or until a request fails."""
        while not (condition() or self.failures):
            self._changed.clear()
            await self._changed.wait()

    async def wait_until_refused(self) -> None:
        """Wait until the connection of every client is refused."""
        await asyncio.gather(*self._clients)

    async def _send_requests(self, limits: httpx.Limits) -> None:
        async with httpx.AsyncClient(limits=limits, trust_env=False, timeout=20) as client:
            while True:
                try:
                    response = await client.post(f"{self._url}/graphql", json={"query": LIST})
                except httpx.ConnectError:  # refused: the service did not accept the connection
                    return
                except httpx.HTTPError as error:
                    self._record_failure(repr(error))
                    return
                self._check(response)

    def _check(self, response: httpx.Response) -> None:
        self.response_count += 1
        self.draining_response_count += response.headers.get("connection") == "close"
        payload = response.json()
        if response.status_code != 200 or "errors" in payload:
            self._record_failure(response.text)
            return
        self.coverage = [(entry["account"]["id"], entry["status"]) for entry in payload["data"]["invoices"]["coverage"]]
        if {status for _, status in self.coverage} != {"COMPLETE"}:
            self._record_failure(response.text)
        self._changed.set()

    def _record_failure(self, failure: str) -> None:
        self.failures.append(failure)
        self._changed.set()
