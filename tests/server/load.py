"""Clients that ask a service without pause, and note every request that fails."""

import asyncio
from collections.abc import Callable

import httpx

LIST = "{ invoices(first: 1) { nodes { id } coverage { account { id } status code } } }"
KEEPING, OPENING = 4, 4  # clients that keep their connections, and that open another for each request


class Load:
    """Under way while it is entered, or until the service takes no connections any more."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._noted = asyncio.Event()
        self._clients: list[asyncio.Task[None]] = []
        self.answered = 0
        self.answered_when_stopping = 0
        self.coverage: list[tuple[str, str]] = []  # of the last answer
        self.failures: list[str] = []

    async def __aenter__(self) -> "Load":
        keeping, opening = httpx.Limits(), httpx.Limits(max_keepalive_connections=0)
        bounds = [keeping] * KEEPING + [opening] * OPENING
        self._clients = [asyncio.create_task(self._ask(bound)) for bound in bounds]
        return self

    async def __aexit__(self, *_: object) -> None:
        for client in self._clients:
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)

    async def answers(self, many: int) -> None:
        """Waits for so many more answers."""
        wanted = self.answered + many
        await self.until(lambda: self.answered >= wanted)

    async def until(self, reached: Callable[[], bool]) -> None:
        while not (reached() or self.failures):
            self._noted.clear()
            await self._noted.wait()

    async def refused(self) -> None:
        """Waits until no client finds the service any more."""
        await asyncio.gather(*self._clients)

    async def _ask(self, bound: httpx.Limits) -> None:
        async with httpx.AsyncClient(limits=bound, trust_env=False, timeout=20) as client:
            while True:
                try:
                    response = await client.post(f"{self._url}/graphql", json={"query": LIST})
                except httpx.ConnectError:  # refused: not one of those that the service accepted
                    return
                except httpx.HTTPError as error:
                    self._note(repr(error))
                    return
                self._judge(response)

    def _judge(self, response: httpx.Response) -> None:
        self.answered += 1
        self.answered_when_stopping += response.headers.get("connection") == "close"
        answer = response.json()
        if response.status_code != 200 or "errors" in answer:
            self._note(response.text)
            return
        self.coverage = [(entry["account"]["id"], entry["status"]) for entry in answer["data"]["invoices"]["coverage"]]
        if {status for _, status in self.coverage} != {"COMPLETE"}:
            self._note(response.text)
        self._noted.set()

    def _note(self, failure: str) -> None:
        self.failures.append(failure)
        self._noted.set()
