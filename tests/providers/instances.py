"""Several instances of one account's source, with one shared store and separate in-process caches."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from typing import Any

import msgspec
from pydantic import SecretStr
from redis.asyncio import Redis

from providers.cache.memory import ResourceCache
from providers.cache.shared import StoredEntry
from providers.cache.signature import EntrySigner
from providers.cache.source import CachedSource
from providers.fastly.client import Fastly, FastlySettings
from providers.fastly.sandbox import KEY
from providers.fastly.sandbox import Sandbox as FastlySandbox
from providers.redis.store import PREFIX, RedisStore
from providers.sandbox import serve
from providers.transport.carriers import open_carrier
from providers.transport.client import ApiClient
from tests.harness import now

INVOICE_KEY = "INV-320139"


class Instances:
    """Starts instances. `stores` holds the store client of each instance, in the order of their start."""

    def __init__(self, stack: AsyncExitStack, sandbox: FastlySandbox, url: str, redis: str) -> None:
        self._stack, self.sandbox, self._url, self._redis = stack, sandbox, url, redis
        self.stores: list[RedisStore] = []

    async def start(self, **settings: object) -> CachedSource:
        account = self.account(**settings)
        carrier = await self._stack.enter_async_context(aclosing(open_carrier()))
        store = RedisStore(SecretStr(self._redis))
        self.stores.append(store)
        self._stack.push_async_callback(store.close)
        return CachedSource(account, lambda: Fastly(account, ApiClient(account, carrier)), ResourceCache(), store)

    def account(self, **settings: object) -> FastlySettings:
        return FastlySettings.model_validate(
            {
                "id": "cdn",
                "provider": "fastly",
                "base_url": self._url,
                "api_key": SecretStr(KEY),
                "attempts": 1,
                **settings,
            }
        )

    @property
    def calls(self) -> int:
        return len(self.sandbox.control.requests)

    async def flush(self) -> None:
        """Wait until the background writes of all instances are in the store."""
        for store in self.stores:
            await store.close()

    @asynccontextmanager
    async def stored_entry(self) -> AsyncIterator["StoredValue"]:
        """Yield the only entry of the store, beside baselines."""
        await self.flush()
        async with Redis.from_url(self._redis) as client:
            [key] = [key for key in await client.keys(f"{PREFIX}*") if b" baseline " not in key]
            value = await client.get(key)
            assert isinstance(key, bytes)
            assert isinstance(value, bytes)
            yield StoredValue(client, key.decode(), value, EntrySigner(self.account()))


class StoredValue:
    """An entry of the store, which a test changes without the instances."""

    def __init__(self, client: Redis, key: str, data: bytes, signer: EntrySigner) -> None:
        self.client, self.key, self.data, self._signer = client, key, data, signer
        content = signer.verify(data)
        assert content is not None
        self.entry = msgspec.msgpack.decode(content, type=StoredEntry)

    @property
    def lease(self) -> str:
        """The key of the lease for fetching this entry."""
        return self.key.replace(PREFIX, f"{PREFIX}lease:")

    async def replace(self, **changes: Any) -> None:
        content = msgspec.msgpack.encode(msgspec.structs.replace(self.entry, **changes))
        await self.client.set(self.key, self._signer.sign(content))


@asynccontextmanager
async def run_instances(redis: str) -> AsyncIterator[Instances]:
    sandbox = FastlySandbox(now=now)
    async with serve(sandbox) as url, AsyncExitStack() as stack:
        yield Instances(stack, sandbox, url, redis)
