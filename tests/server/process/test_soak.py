"""Provider faults under load on a real service process: no cached data is lost, nothing hangs, and it recovers."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from providers.sandbox import Fault, Sandbox, serve
from tests.harness import create_sandbox
from tests.server.command import start_command

pytestmark = pytest.mark.exclusive  # real time under load: no other test may run beside it

LOAD_SECONDS = float(os.environ.get("SOAK_SECONDS", "15"))  # over all faults
DEADLINE = 2  # seconds
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
SERVER_TABLE = """
[server]
deadline = {deadline}
"""
ACCOUNT_TABLE = """
[[accounts]]
id = "{id}"
provider = "{provider}"
base_url = "{base_url}"
api_key = {{ env = "SOAK_KEY_{number}" }}
rate_limit = {{ per_second = 1000, burst = 1000 }}
freshness = {{ settled = 1, invoice = 1, list = 1, month_to_date = 1, absent = 1, stale_for = 3600 }}
{settings}
"""


async def test_provider_faults_lose_no_cached_data(tmp_path: Path) -> None:
    sandbox = create_sandbox()
    async with _start_service(sandbox, tmp_path) as client:
        expected_ids = _ids(await _query(client))
        statuses: Counter[str] = Counter()
        stop = asyncio.Event()
        workers = [asyncio.create_task(_load(client, expected_ids, statuses, stop)) for _ in range(WORKERS)]
        for api in sandbox.apis.values():
            for fault in FAULTS:
                api.control.faults.append(fault)
                await asyncio.sleep(LOAD_SECONDS / len(FAULTS) / len(sandbox.apis))
                api.control.faults.clear()
        stop.set()
        await asyncio.gather(*workers)
        assert len(expected_ids) == 108
        assert statuses["STALE"], statuses
        await _wait_for_recovery(client)


@asynccontextmanager
async def _start_service(sandbox: Sandbox, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with serve(sandbox) as url:
        text, api_keys = SERVER_TABLE.format(deadline=DEADLINE), dict[str, Any]()
        for number, account in enumerate(sandbox.accounts(url)):
            settings = {key: value for key, value in account.items() if key in {"org_id", "tenant_uid", "invoice_uids"}}
            lines = "\n".join(f"{key} = {_toml(value)}" for key, value in settings.items())
            text += ACCOUNT_TABLE.format(number=number, settings=lines, **account)
            api_keys[f"SOAK_KEY_{number}"] = sandbox.apis[str(account["provider"])].key
        config_path = folder / "soak.toml"
        config_path.write_text(text)
        async with (
            start_command("serve", "--config", str(config_path), "--port", "0", **api_keys) as process,
            httpx.AsyncClient(base_url=process.url, trust_env=False, timeout=DEADLINE + 3) as client,
        ):
            yield client


def _toml(value: Any) -> str:
    return "[" + ", ".join(f'"{item}"' for item in value) + "]" if isinstance(value, list) else f'"{value}"'


async def _query(client: httpx.AsyncClient) -> Any:
    response = await client.post("/graphql", json={"query": QUERY})
    assert response.status_code == 200, response.text
    payload = response.json()
    assert "errors" not in payload, payload["errors"]
    return payload["data"]["invoices"]


def _ids(invoices: Any) -> set[str]:
    return {node["id"] for node in invoices["nodes"]}


async def _load(client: httpx.AsyncClient, expected_ids: set[str], statuses: Counter[str], stop: asyncio.Event) -> None:
    """Every response has all invoices during every fault. The client's timeout bounds each request."""
    while not stop.is_set():
        invoices = await _query(client)
        assert _ids(invoices) == expected_ids
        statuses.update(entry["status"] for entry in invoices["coverage"])


async def _wait_for_recovery(client: httpx.AsyncClient) -> None:
    """Wait until no data is stale, at most one interval of the circuit breaker."""
    async with asyncio.timeout(12):
        while any(node["stale"] for node in (await _query(client))["nodes"]):  # noqa: ASYNC110 (no event to wait for)
            await asyncio.sleep(0.2)
