"""Providers fail while a real server process is under load: nothing known is lost, nothing hangs, and it recovers."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from providers.sandbox import Fault, Sandbox, serve
from tests.harness import sandbox_of
from tests.server.command import started

SECONDS = float(os.environ.get("SOAK_SECONDS", "15"))  # of load, over all faults
DEADLINE = 2
WORKERS = 6
QUERY = "{ invoices(first: 200) { nodes { id stale } coverage { account { id } status code } } }"
FAULTS = [
    Fault(kind="status", status=401),
    Fault(kind="status", status=403),
    Fault(kind="status", status=404),
    Fault(kind="status", status=429, headers={"Retry-After": "3600"}),
    Fault(kind="status", status=500),
    Fault(kind="garbage"),
    Fault(kind="garbage", body='{"data": NaN}'),
    Fault(kind="half"),
    Fault(kind="reset"),
    Fault(kind="hang"),
]
ACCOUNTS = """
[server]
deadline = {deadline}
"""
ACCOUNT = """
[[accounts]]
id = "{id}"
provider = "{provider}"
base_url = "{base_url}"
api_key = {{ env = "SOAK_KEY_{number}" }}
rate_limit = {{ per_second = 1000, burst = 1000 }}
freshness = {{ settled = 1, invoice = 1, list = 1, month_to_date = 1, absent = 1, stale_for = 3600 }}
{more}
"""


async def test_faults_under_load_lose_nothing_that_was_known(tmp_path: Path) -> None:
    sandbox = sandbox_of()
    async with _server(sandbox, tmp_path) as client:
        known = _ids(await _ask(client))
        seen: Counter[str] = Counter()
        stop = asyncio.Event()
        workers = [asyncio.create_task(_load(client, known, seen, stop)) for _ in range(WORKERS)]
        for api in sandbox.apis.values():
            for fault in FAULTS:
                api.control.faults.append(fault)
                await asyncio.sleep(SECONDS / len(FAULTS) / len(sandbox.apis))
                api.control.faults.clear()
        stop.set()
        await asyncio.gather(*workers)
        assert len(known) == 108
        assert seen["STALE"], seen
        await _recovered(client)


@asynccontextmanager
async def _server(sandbox: Sandbox, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with serve(sandbox) as url:
        text, secrets = ACCOUNTS.format(deadline=DEADLINE), dict[str, Any]()
        for number, account in enumerate(sandbox.accounts(url)):
            more = {key: value for key, value in account.items() if key in {"org_id", "tenant_uid", "invoice_uids"}}
            lines = "\n".join(f"{key} = {_toml(value)}" for key, value in more.items())
            text += ACCOUNT.format(number=number, more=lines, **account)
            secrets[f"SOAK_KEY_{number}"] = sandbox.apis[str(account["provider"])].key
        file = folder / "soak.toml"
        file.write_text(text)
        async with (
            started("serve", "--config", str(file), "--port", "0", **secrets) as process,
            httpx.AsyncClient(base_url=process.url, trust_env=False, timeout=DEADLINE + 3) as client,
        ):
            yield client


def _toml(value: Any) -> str:
    return "[" + ", ".join(f'"{item}"' for item in value) + "]" if isinstance(value, list) else f'"{value}"'


async def _ask(client: httpx.AsyncClient) -> Any:
    response = await client.post("/graphql", json={"query": QUERY})
    assert response.status_code == 200, response.text
    answer = response.json()
    assert "errors" not in answer, answer["errors"]
    return answer["data"]["invoices"]


def _ids(invoices: Any) -> set[str]:
    return {node["id"] for node in invoices["nodes"]}


async def _load(client: httpx.AsyncClient, known: set[str], seen: Counter[str], stop: asyncio.Event) -> None:
    """Every answer is whole, whatever happens to the providers; the client's own time-out bounds each."""
    while not stop.is_set():
        invoices = await _ask(client)
        assert _ids(invoices) == known
        seen.update(entry["status"] for entry in invoices["coverage"])


async def _recovered(client: httpx.AsyncClient) -> None:
    """By itself, within one interval of the breaker."""
    async with asyncio.timeout(12):
        while any(node["stale"] for node in (await _ask(client))["nodes"]):  # noqa: ASYNC110 (nothing to wait on)
            await asyncio.sleep(0.2)
