"""`invoicegraph check` tries the shared cache."""

from pathlib import Path

import pytest

from providers.sandbox import serve
from tests.harness import sandbox_of
from tests.redis_server import RedisServer, needs_redis
from tests.server.command import run_command, write_config

ACCOUNTS = "fastly/cdn1 (cdn1)  ok           The invoices of this account can be read."


async def check(folder: Path, redis_url: str) -> tuple[int | None, list[str]]:
    """Return the exit code and the table of `check` with this cache."""
    sandbox = sandbox_of("fastly")
    async with serve(sandbox) as url:
        account = (f"{url}/fastly", sandbox.apis["fastly"].key)
        config_path = write_config(folder, [account], '[cache]\nurl = { env = "REDIS_URL" }\n')
        code, out, _ = await run_command("check", "--config", config_path, REDIS_URL=redis_url)
    return code, out.partition("\n\n")[0].splitlines()


@needs_redis
async def test_a_usable_cache_is_ok(redis: RedisServer, tmp_path: Path) -> None:
    code, table = await check(tmp_path, redis.url)

    assert (code, table[-1]) == (0, "[cache]             ok      The shared cache can be written to.")


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "redis://:sk-live-4f7a@127.0.0.1:1/0"])
async def test_an_unreachable_cache_is_a_failure(tmp_path: Path, url: str) -> None:
    code, table = await check(tmp_path, url)

    assert (code, table[1:]) == (1, [ACCOUNTS, "[cache]             UNAVAILABLE  The shared cache cannot be used."])
